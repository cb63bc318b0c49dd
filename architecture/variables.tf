# What may differ between two applies of one system. What the system is stands in beer.yaml.

variable "system_file" {
  description = "The system as data. Another file with other names is another copy of the system."
  type        = string
  default     = "../beer.yaml"
}

variable "package_folder" {
  description = "Where `make package` left the functions' zips, the table's columns and the pipeline's definition."
  type        = string
  default     = "../build/package"
}

variable "processor" {
  description = "What the functions' zips were built for: x86_64 or arm64. `make` fills it in."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.processor)
    error_message = "The processor must be x86_64 or arm64."
  }
}

variable "source_url" {
  description = "The base of a Punk API, like https://punkapi.example.com/v2, when beer.yaml says simulated."
  type        = string
  default     = ""
}

variable "endpoint_model" {
  description = "ARN of the approved model package to serve. Empty: no endpoint, since one costs by the hour."
  type        = string
  default     = ""
}

variable "notebook" {
  description = "Make the notebook instance. It costs by the hour while it runs."
  type        = bool
  default     = false
}

variable "delete_data" {
  description = "Let destroy remove the buckets with all that they hold, and the repository with its images."
  type        = bool
  default     = true
}
