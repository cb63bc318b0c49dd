// One command's way to AWS or to an engine: client, account, system.
#pragma once

#include "cli/system.h"
#include "lib/aws/client.h"

#include <string>

namespace cli {

/// What every command takes.
struct Common {
  std::string data = ".beer";  ///< whose engine is used when the environment names no endpoint
  std::string spec;            ///< the file; "" for beer.yaml
};

/// Where and as whom: the environment when AWS_ENDPOINT_URL stands there, be it empty, which is AWS
/// itself; else the engine of the data folder, if one ever listened; else AWS by the environment's
/// keys. Throws
/// std::runtime_error that says what to do when there is none of them.
aws::Config find_endpoint(const Common& common);

/// A client and the system it is for. The account is asked for once, by GetCallerIdentity.
class Session {
 public:
  /// Throws when nobody answers: the sentence names the endpoint.
  explicit Session(const Common& common);
  Session(aws::Config config, Spec spec);

  const System& system() const { return system_; }
  const Spec& spec() const { return system_.spec; }
  aws::Client& aws() { return client_; }
  aws::S3 s3() { return aws::S3(client_); }

 private:
  aws::Client client_;
  System system_;
};

}  // namespace cli
