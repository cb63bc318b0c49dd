// The program behind an image, with all it is told; and the folder it finds at /opt/ml.
#pragma once

#include "engine/jobs/process.h"
#include "engine/services/sagemaker/sagemaker.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker {

using Environment = std::map<std::string, std::string>;
using Words = std::vector<std::string>;

/// How a container's image is to be run.
struct Container {
  std::string image;
  Words entrypoint, arguments;
  std::string command;  ///< what the program is told when there is no entrypoint: "train", "serve"
  Environment environment;
  std::string role = {};  ///< in which the image is pulled, and whose keys the program gets
};

/// The image's program, ready to start. The local program takes the place of the image's whole file
/// system, so it takes the place of the entrypoint's first word and the rest is passed on. The
/// image's own words come first when there is no entrypoint. The environment holds AWS_* to reach
/// the engine and one thread for OpenMP; the request's own wins. Throws ClientError when no program
/// stands for the image.
jobs::ProcessSpec program_of(SageMaker::Impl& state, const Container& container,
                             const std::string& ml_root);

/// A job's own folder, `<data>/jobs/<name>`, empty at first and gone at the end.
class JobFolder {
 public:
  JobFolder(const Context& context, std::string_view name);
  ~JobFolder();
  JobFolder(const JobFolder&) = delete;
  JobFolder& operator=(const JobFolder&) = delete;

  const std::string& path() const { return path_; }
  /// "/opt/ml/input/data" → the folder it is here. ClientError for a path that isn't below /opt/ml.
  std::string place(std::string_view container_path) const;
  /// The same for a folder the program has filled: ClientError when it is gone, or when the program
  /// put a link in its way, since what is gathered there is taken away.
  std::string filled(std::string_view container_path) const;
  /// Writes a file, its folders made. `container_path` as in place().
  void write(std::string_view container_path, std::string_view bytes) const;
  /// What the program left there, at most 1024 bytes and without blanks around; "" when nothing.
  std::string read(std::string_view container_path) const;

 private:
  std::string path_;
};

/// Where all job folders are; emptied when the engine starts.
std::string jobs_folder(const Context& context);

/// The name of a host's folder: the job's own for the first host.
std::string host_folder(const std::string& job_folder, const std::string& host);

/// Hosts of one type; a job without groups has one.
struct HostGroup {
  std::string name;
  std::string instance_type;
  std::vector<std::string> hosts;
};
inline constexpr const char* kOnlyGroup = "homogeneousCluster";

/// resourceconfig.json: the hosts of a job, seen by one of them.
std::string resource_config(const std::vector<HostGroup>& groups, const std::string& current_host);

/// The names of a job's hosts for its programs' /etc/hosts: to each an address of this machine that
/// no other job of this engine has, so that they can listen on the same ports and find each other.
/// The file goes with this object.
class HostsFile {
 public:
  HostsFile(const std::string& job_folder, const std::vector<std::string>& hosts);
  ~HostsFile();
  HostsFile(const HostsFile&) = delete;
  HostsFile& operator=(const HostsFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace engine::sagemaker
