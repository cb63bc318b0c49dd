// Packs a function when it is built.   pack_function PROGRAM ZIP
#include "lambda/package/package.h"
#include "lib/io/file.h"

#include <filesystem>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: pack_function PROGRAM ZIP\n";
    return 2;
  }
  try {
    const std::filesystem::path zip = std::filesystem::absolute(argv[2]);
    std::filesystem::create_directories(zip.parent_path());
    io::write_file(zip, lambda_package::package(argv[1]));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "pack_function: " << error.what() << "\n";
    return 1;
  }
}
