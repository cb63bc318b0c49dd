// A channel of input mode Pipe.
#include "engine/services/sagemaker/jobs/pipe_feeder.h"

#include "lib/base/log.h"
#include "lib/io/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <random>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;

std::string pipe_name(const std::string& path, int epoch) {
  return fmt::format("{}_{}", path, epoch);
}

void make_pipe(const std::string& name) {
  fs::create_directories(fs::path(name).parent_path());
  if (::mkfifo(name.c_str(), 0666) != 0) io::throw_system_error("make the pipe", name, errno);
}

/// Waits for a reader. -1 when asked to stop before there is one.
io::Fd open_for_reader(const std::string& name, std::stop_token stop) {
  while (!stop.stop_requested()) {
    io::Fd pipe(::open(name.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (pipe) return pipe;
    if (errno != ENXIO) io::throw_system_error("open the pipe", name, errno);
    ::poll(nullptr, 0, 5);
  }
  return {};
}

/// False when the reader has gone, or we are asked to stop.
bool write_all(int pipe, std::string_view bytes, std::stop_token stop) {
  while (!bytes.empty() && !stop.stop_requested()) {
    const auto done = ::write(pipe, bytes.data(), bytes.size());
    if (done >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(done));
    } else if (errno == EAGAIN) {
      pollfd ready{pipe, POLLOUT, 0};
      ::poll(&ready, 1, 50);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return bytes.empty();
}

/// The frame of a RecordIO record with all its data in one part.
std::string record_io_head(std::uint64_t size) {
  const std::uint32_t head[2] = {0xced7230a, static_cast<std::uint32_t>(size)};
  return {reinterpret_cast<const char*>(head), sizeof head};
}

}  // namespace

PipeFeeder::PipeFeeder(const s3::S3& s3, std::vector<InputObject> objects, std::string path,
                       Settings settings)
    : s3_(s3), objects_(std::move(objects)), path_(std::move(path)), settings_(settings) {
  make_pipe(pipe_name(path_, 0));
  thread_ = std::jthread([this](std::stop_token stop) {
    try {
      run(stop);
    } catch (const std::exception& error) {
      base::log_error("sagemaker", "the channel {} ended: {}", path_, error.what());
    }
  });
}

void PipeFeeder::run(std::stop_token stop) {
  sigset_t broken;  // a reader that goes is an error of write(), no signal
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken, nullptr);
  for (int epoch = 0; !stop.stop_requested(); ++epoch) {
    const io::Fd pipe = open_for_reader(pipe_name(path_, epoch), stop);
    if (!pipe) return;
    // Before this epoch's end is seen, so that whoever sees it finds the next.
    make_pipe(pipe_name(path_, epoch + 1));
    feed(epoch, pipe.get(), stop);
  }
}

http::Body PipeFeeder::body_of(const InputObject& object) const {
  if (object.text) return http::Body(*object.text);
  if (!settings_.gunzip) return s3_.body(object.object);
  const std::string plain = path_ + ".plain~";
  copy_object(s3_, object, plain, true);
  return http::Body::spooled(plain, fs::file_size(plain));
}

void PipeFeeder::feed(int epoch, int pipe, std::stop_token stop) {
  auto objects = objects_;
  if (settings_.shuffle) {
    std::mt19937_64 random(*settings_.shuffle + static_cast<std::uint64_t>(epoch));
    std::vector<std::size_t> order(objects.size() / settings_.together);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    objects.clear();
    for (const std::size_t i : order) {
      const auto first = objects_.begin() + static_cast<std::ptrdiff_t>(i * settings_.together);
      objects.insert(objects.end(), first, first + static_cast<std::ptrdiff_t>(settings_.together));
    }
  }
  for (const InputObject& object : objects) {
    const http::Body body = body_of(object);
    bool read = !settings_.record_io || write_all(pipe, record_io_head(body.size()), stop);
    body.for_each_piece(
        [&](std::string_view piece) { read = read && write_all(pipe, piece, stop); });
    if (settings_.record_io) {
      read = read && write_all(pipe, std::string((4 - body.size() % 4) % 4, '\0'), stop);
    }
    if (!read) return;
  }
}

}  // namespace engine::sagemaker
