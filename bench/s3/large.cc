// Objects of 100 MiB in and out, each way a client may send them, beside a bare copy of a file.
#include "bench/s3/large.h"

#include "bench/load/caller.h"
#include "bench/load/table.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr std::size_t kBytes = 100 * kMiB, kPartBytes = 8 * kMiB;
constexpr int kPartConnections = 4;
constexpr const char* kTarget = "/bench/large";

/// Reading a file and writing it to another, synced, in pieces of 1 MiB.
void copy_file(const std::string& from, const std::string& to) {
  const io::File in = io::open_file(from, O_RDONLY);
  const io::File out = io::open_file(to, O_WRONLY | O_CREAT);
  std::string piece(kMiB, 0);
  for (std::uint64_t at = 0; at < kBytes;) {
    const std::size_t size = io::read_at(in, piece.data(), piece.size(), at);
    io::write_at(out, std::string_view(piece).substr(0, size), at);
    at += size;
  }
  ::fsync(out.fd.get());
}

double seconds_of_file_copy() {
  const io::TemporaryFolder folder(".");
  const std::string from = folder.path() + "/from";
  io::write_file(from, std::string(kBytes, 'x'));
  return seconds([&] { copy_file(from, folder.path() + "/to"); });
}

/// A connection that sends bodies with what x-amz-content-sha256 is to say of them.
class Uploader {
 public:
  explicit Uploader(const aws::Config& config) : config_(config) {}

  std::string send(const char* method, const std::string& target, const http::Body& body,
                   const std::string& hash) {
    http::Url url = http::parse_url(config_.endpoint);
    url.target = target;
    http::Request request{.method = method, .target = target, .body = body};
    request.headers.add("X-Amz-Content-Sha256", hash);
    aws::sign(request, url.authority(), config_.credentials, config_.region, "s3",
              base::system_clock().now());
    const http::Response response = client_.send(url, std::move(request));
    if (response.status != 200) throw std::runtime_error(response.body.string());
    return std::string(response.headers.get("ETag")) + response.body.string();
  }

 private:
  const aws::Config& config_;
  http::Client client_;
};

std::string upload_id(const std::string& xml) {
  constexpr std::string_view kBegin = "<UploadId>";
  const auto at = xml.find(kBegin);
  if (at == std::string::npos) throw std::runtime_error("no upload: " + xml);
  return xml.substr(at + kBegin.size(), xml.find('<', at + 1) - at - kBegin.size());
}

/// What `aws s3 cp` does with a file of this size.
class Multipart {
 public:
  explicit Multipart(const aws::Config& config) {
    for (int i = 0; i < kPartConnections; ++i) uploaders_.push_back(std::make_unique<Uploader>(config));
    for (std::size_t at = 0; at < kBytes; at += kPartBytes) {
      parts_.push_back(prepare(std::string(std::min(kPartBytes, kBytes - at), 'x')));
    }
  }

  void put() {
    const std::string nothing = base::to_hex(base::sha256(""));
    const std::string target = fmt::format("{}-parts", kTarget);
    const std::string upload =
        upload_id(uploaders_[0]->send("POST", target + "?uploads=", {}, nothing));
    std::vector<std::string> etags(parts_.size());
    std::array<std::exception_ptr, kPartConnections> wrong;
    const auto some = [&](std::size_t first) {
      try {
        for (std::size_t i = first; i < parts_.size(); i += kPartConnections) {
          etags[i] = uploaders_[first]->send(
              "PUT", fmt::format("{}?partNumber={}&uploadId={}", target, i + 1, upload),
              parts_[i].body, parts_[i].sha256);
        }
      } catch (...) {
        wrong.at(first) = std::current_exception();
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < kPartConnections; ++i) threads.emplace_back(some, i);
    }
    for (const auto& one : wrong) {
      if (one) std::rethrow_exception(one);
    }
    complete(target + "?uploadId=" + upload, etags);
  }

 private:
  void complete(const std::string& target, const std::vector<std::string>& etags) {
    std::string list = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < etags.size(); ++i) {
      list += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1, etags[i]);
    }
    list += "</CompleteMultipartUpload>";
    const std::string hash = base::to_hex(base::sha256(list));
    const std::string answer = uploaders_[0]->send("POST", target, http::Body(list), hash);
    if (answer.find("<ETag>") == std::string::npos) throw std::runtime_error(answer);
  }

  std::vector<std::unique_ptr<Uploader>> uploaders_;
  std::vector<PreparedBody> parts_;
};

}  // namespace

void measure_large(const aws::Config& config) {
  // Hashed before: the client's own time for it is not the engine's.
  const PreparedBody body = prepare(std::string(kBytes, 'x'));
  Uploader uploader(config);
  Multipart multipart(config);
  Caller reader(config);
  // In turns, since the disk's speed changes from minute to minute.
  std::vector<double> copy, put, unsigned_put, parts, get;
  const auto rate = [](double taken) { return static_cast<double>(kBytes) / 1e6 / taken; };
  for (int run = 0; run < runs(); ++run) {
    copy.push_back(rate(seconds_of_file_copy()));
    put.push_back(rate(seconds([&] { uploader.send("PUT", kTarget, body.body, body.sha256); })));
    unsigned_put.push_back(
        rate(seconds([&] { uploader.send("PUT", kTarget, body.body, "UNSIGNED-PAYLOAD"); })));
    parts.push_back(rate(seconds([&] { multipart.put(); })));
    get.push_back(rate(seconds([&] { reader.s3("GET", kTarget); })));
  }
  const double bare = median(copy);
  const auto print = [&](const char* what, const std::vector<double>& rates,
                         std::optional<double> bar) {
    row(what, median(rates), "MB/s");
    row("... to the file copy", 100 * median(rates) / bare, "%", bar);
  };
  row("a bare file copy of 100 MiB, synced", bare, "MB/s");
  print("PUT of 100 MiB, SHA-256 signed, MD5, synced", put, 60);
  print("PUT of 100 MiB, UNSIGNED-PAYLOAD, MD5, synced", unsigned_put, {});
  print("100 MiB in parts of 8 MiB, signed, from 4 connections", parts, {});
  print("GET of 100 MiB", get, 60);
}

}  // namespace bench
