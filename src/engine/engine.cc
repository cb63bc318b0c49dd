// The composition root: the services are built bottom-up, and reading their constructor calls is reading
// the architecture.
#include "engine/engine.h"

#include "engine/console/console.h"
#include "engine/data_folder.h"
#include "engine/gateway/gateway.h"
#include "engine/gateway/keys.h"
#include "engine/services/athena/api.h"
#include "engine/services/athena/athena.h"
#include "engine/services/cloudwatch/api.h"
#include "engine/services/cloudwatch/cloudwatch.h"
#include "engine/services/context.h"
#include "engine/services/ecr/api.h"
#include "engine/services/ecr/ecr.h"
#include "engine/services/events/api.h"
#include "engine/services/events/events.h"
#include "engine/services/firehose/api.h"
#include "engine/services/firehose/firehose.h"
#include "engine/services/glue/api.h"
#include "engine/services/glue/crawlers/crawlers.h"
#include "engine/services/glue/glue.h"
#include "engine/services/iam/access/authorize.h"
#include "engine/services/iam/api.h"
#include "engine/services/iam/iam.h"
#include "engine/services/iam/role_authority.h"
#include "engine/services/iam/sessions.h"
#include "engine/services/kinesis/api.h"
#include "engine/services/kinesis/kinesis.h"
#include "engine/services/lambda/api.h"
#include "engine/services/lambda/lambda.h"
#include "engine/services/logs/api.h"
#include "engine/services/logs/logs.h"
#include "engine/services/s3/api.h"
#include "engine/services/s3/checksums.h"
#include "engine/services/s3/policy.h"
#include "engine/services/s3/s3.h"
#include "engine/services/sagemaker/api.h"
#include "engine/services/sagemaker/sagemaker.h"
#include "engine/services/sts/api.h"
#include "engine/telemetry/telemetry.h"
#include "lib/base/digest.h"
#include "lib/base/time_text.h"
#include "lib/http/server.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <future>
#include <shared_mutex>
#include <system_error>

namespace engine {
namespace {

constexpr const char* kResetPath = "/_engine/reset";
constexpr const char* kMetricsPath = "/_engine/metrics";  // Prometheus' text
constexpr const char* kRolesPath = "/_engine/roles";  // what roles were let do, and refused
constexpr const char* kCredentialsPath = "/_engine/credentials";  // ?id=…&token=…: keys of that session's role, for an hour
constexpr const char* kExplainPath = "/_engine/explain";  // ?execution=ARN: why its steps ran

/// Bodies of some hundred KiB come and go: malloc keeps their memory instead of mapping it anew each time.
/// What is larger, a function's package say, is given back at once.
void tune_malloc() {
  mallopt(M_MMAP_THRESHOLD, 2 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
  mallopt(M_ARENA_MAX, 2);
}

/// What a client waits for, the five minutes between two GetRecords say, stays as long however fast our
/// clock runs.
base::Milliseconds of_clients(base::Milliseconds span, double speed) {
  return std::chrono::ceil<base::Milliseconds>(span * std::max(1.0, speed));
}

kinesis::KinesisOptions kinesis_options(const EngineOptions& options) {
  kinesis::KinesisOptions all{.limits = options.kinesis_limits};
  for (base::Milliseconds* const span : {&all.iterator_lifetime, &all.subscription_lifetime,
                                         &all.subscription_heartbeat, &all.subscription_renewal}) {
    *span = of_clients(*span, options.speed);
  }
  return all;
}

/// Every idle connection and every segment of a log holds a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// So many that a quarter of the descriptors is left for files and processes: who connects too often is told
/// so, and doesn't keep the logs from being opened.
int most_connections(int wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  return static_cast<int>(std::min<rlim_t>(static_cast<rlim_t>(wanted), limit.rlim_cur / 4 * 3));
}

/// "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/beer:1" → "team/beer"
std::string repository_of(std::string_view uri) {
  uri = uri.substr(0, uri.find('@'));
  const auto colon = uri.rfind(':');
  if (colon != std::string_view::npos && uri.find('/', colon) == std::string_view::npos) uri = uri.substr(0, colon);
  const auto slash = uri.find('/');
  const bool has_registry = slash != std::string_view::npos && uri.substr(0, slash).find('.') != std::string_view::npos;
  return std::string(has_registry ? uri.substr(slash + 1) : uri);
}

/// "…/team/beer:1-cpu-py3" → "team/beer:1", as AWS names the same image for one kind of processor.
std::string tagged_repository_of(std::string_view uri) {
  uri = uri.substr(0, uri.find('@'));
  constexpr std::string_view kProcessor = "-cpu-py3";
  if (uri.ends_with(kProcessor)) uri.remove_suffix(kProcessor.size());
  const auto colon = uri.rfind(':');
  const bool tagged = colon != std::string_view::npos && uri.find('/', colon) == std::string_view::npos;
  return repository_of(uri) + std::string(tagged ? uri.substr(colon) : std::string_view());
}

/// The tags of a repository that programs stand for: "sagemaker-xgboost:1.7-1, …".
std::vector<std::string> known_tags(const std::map<std::string, ImageProgram>& images, std::string_view uri) {
  std::vector<std::string> found;
  const std::string repository = repository_of(uri) + ":";
  for (const auto& [name, program] : images) {
    if (name.starts_with(repository)) found.push_back(name);
  }
  return found;
}

std::optional<sagemaker::Program> find_program(const std::map<std::string, ImageProgram>& images,
                                               std::string_view uri) {
  for (const std::string& name : {std::string(uri), tagged_repository_of(uri), repository_of(uri)}) {
    const auto at = images.find(name);
    if (at != images.end()) return sagemaker::Program{at->second.program, at->second.words};
  }
  const auto others = known_tags(images, uri);
  if (!others.empty()) return sagemaker::Program{.others = others};
  return std::nullopt;
}

sagemaker::Settings job_settings(const JobOptions& options,
                                 std::function<std::optional<std::string>(std::string_view)> alarm_state) {
  sagemaker::Settings settings;
  settings.alarm_state = std::move(alarm_state);
  settings.jobs_at_once = options.at_once;
  settings.hosts_of_a_job = options.hosts;
  settings.disk_bytes = options.disk_bytes;
  settings.limits = {.memory_bytes = options.memory_bytes,
                     .processes = options.processes,
                     .output_bytes = options.log_bytes};
  settings.most_runtime = options.most_runtime;
  return settings;
}

iam::Enforcement enforcement(IamEnforcement wanted) {
  switch (wanted) {
    case IamEnforcement::kLog: return iam::Enforcement::kLog;
    case IamEnforcement::kOff: return iam::Enforcement::kOff;
    default: return iam::Enforcement::kEnforce;
  }
}

/// STS by IAM's hands.
sts::Sessions sessions_by(iam::Iam& iam) {
  return {.make =
              [&iam](const sts::Wanted& wanted, const std::string& caller) {
                const iam::Session session =
                    wanted.role_arn.empty()
                        ? iam::make_session(iam, {.arn = caller, .lifetime = wanted.lifetime}, base::system_clock().now())
                        : iam::assume_role(iam, {.role_arn = wanted.role_arn,
                                                 .session_name = wanted.session_name,
                                                 .policy = wanted.policy,
                                                 .external_id = wanted.external_id,
                                                 .lifetime = wanted.lifetime}, caller);
                sts::api::Credentials keys;
                keys.AccessKeyId = session.access_key_id;
                keys.SecretAccessKey = session.secret;
                keys.SessionToken = session.token;
                keys.Expiration = session.expires;
                return keys;
              },
          .user_id = [&iam](const std::string& arn) { return iam.user_id(arn); }};
}

/// Everything that lives in the data folder. Built bottom-up: a service gets those it may call.
struct Services {
  Services(const EngineOptions& options, const std::string& data, const base::Clock& clock, base::Ids& ids,
           const KeyStore& keys, const CallbackSource& callback, const std::string& session_secret,
           telemetry::Telemetry& telemetry)
      : catalog(data),
        objects(catalog, data + "/buckets", data + "/scratch/objects"),
        context{catalog, clock, ids, options.account, options.region, data,
                Meter([this, &telemetry](const Measurement& measurement) {
                  telemetry.measure(measurement);
                  cloudwatch.record(measurement);
                }),
                &authority},
        telemetry(telemetry),
        // Rank 0
        cloudwatch(context),
        s3(context, objects),
        kinesis(context, kinesis_options(options)),
        iam(context, session_secret),
        authority(iam, enforcement(options.iam), [this](const std::string& arn) { return policy_of(arn); }),
        sessions(sessions_by(iam)),
        logs(context),
        ecr(context),
        // Rank 1
        glue(context),
        crawlers(context, glue, s3, logs,
                 [this](std::string_view type, std::string_view detail) { publish("aws.glue", type, detail); }),
        lambda(context, s3, logs, kinesis, callback,
               [this](std::string_view source, std::string_view type, std::string_view detail,
                      const std::vector<std::string>& resources) {
                 if (!built) throw std::runtime_error("EventBridge is not up yet");
                 events.put_event(source, type, detail, resources);
               }),
        // Rank 2
        firehose(context, kinesis, s3, logs,
                 [this](std::string_view function, std::string_view payload) { return lambda.invoke(function, payload); },
                 firehose::glue_schemas(glue)),
        athena(context, glue, s3),
        sagemaker(context, s3, logs,
                  [images = options.images](std::string_view uri) { return find_program(images, uri); }, callback,
                  [this](std::string_view type, std::string_view detail, const std::vector<std::string>& resources) {
                    publish("aws.sagemaker", type, detail, resources);
                  },
                  job_settings(options.jobs, [this](std::string_view name) { return cloudwatch.alarm_state(name); }),
                  [this](std::string_view function, std::string_view payload) {
                    const auto answer = lambda.invoke(function, payload);
                    return sagemaker::FunctionAnswer{answer.payload, answer.function_error};
                  }),
        // Rank 3
        events(context,
               {.invoke_async = [this](std::string_view function,
                                       std::string_view payload) { lambda.invoke_async(function, payload); },
                .start_pipeline =
                    [this](std::string_view pipeline, const std::map<std::string, std::string>& parameters) {
                      sagemaker.start_pipeline_execution(pipeline, parameters);
                    }}),
        guard(iam, enforcement(options.iam),
              [this](std::string_view member, const std::string& value) { return resource_of(member, value); },
              [this](const std::string& arn) { return policy_of(arn); }, &authority,
              [this](iam::Deed deed) { authority.note(std::move(deed)); }),
        gateway({options.account, options.region, data + "/scratch/spool",
                 [this](const ServiceDefinition& service, const OperationModel& model, const Call& call,
                        const Identity& who, const void* input) { guard.check(service, model, call, who, input); }},
                keys, clock, ids,
                {s3::definition(s3), kinesis::definition(kinesis),
                 kinesis::definition(kinesis, Protocol::kAwsCbor11), iam::definition(iam), sts::definition(sessions),
                 logs::definition(logs), ecr::definition(ecr), glue::definition(glue, crawlers), lambda::definition(lambda),
                 firehose::definition(firehose), athena::definition(athena), sagemaker::definition(sagemaker),
                 sagemaker::runtime_definition(sagemaker), events::definition(events),
                 cloudwatch::definition(cloudwatch, Protocol::kRpcV2Cbor),
                 cloudwatch::definition(cloudwatch, Protocol::kAwsJson10),
                 cloudwatch::definition(cloudwatch, Protocol::kQuery)}) {
    s3::check_policies_with(s3, [](std::string_view document) { iam::parse_policy(document, iam::PolicyKind::kResource); });
    built = serving = true;
    cloudwatch.start([this](std::string_view type, std::string_view detail,
                            const std::vector<std::string>& resources) { publish("aws.cloudwatch", type, detail, resources); },
                     [this] { sample(); });
  }

  ~Services() { stop(); }

  /// What services tell the world goes up to a service of a higher rank, hence through here.
  void publish(std::string_view source, std::string_view detail_type, std::string_view detail,
               const std::vector<std::string>& resources = {}) {
    telemetry.event(source, detail_type, detail);
    if (serving) events.put_event(source, detail_type, detail, resources);
  }

  /// Of what a call names by something else than its ARN or name.
  std::string resource_of(std::string_view member, const std::string& value) {
    if (member == "ShardIterator") {
      const std::string stream = kinesis::stream_of_iterator(kinesis, value);
      return stream.empty() ? "" : context.arn("kinesis", "stream/" + stream);
    }
    if (member == "QueryExecutionId") {
      try {
        return context.arn("athena", "workgroup/" + athena.execution(value).WorkGroup.value_or("primary"));
      } catch (const AwsError&) {
        return {};  // the operation will say that there is none
      }
    }
    return {};
  }

  /// The policy of a resource, of those services that have such.
  std::optional<iam::ResourcePolicy> policy_of(const std::string& arn) {
    constexpr std::string_view kS3 = "arn:aws:s3:::", kFunction = ":function:", kRepository = ":repository/";
    if (arn.starts_with(kS3)) {
      auto policy = s3::bucket_policy(s3, std::string_view(arn).substr(kS3.size(), arn.find('/') - kS3.size()));
      if (policy) return iam::ResourcePolicy{.document = std::move(policy->document), .restricted = policy->restricted};
    } else if (arn.starts_with("arn:aws:lambda:") && arn.find(kFunction) != std::string::npos) {
      if (auto policy = lambda.policy(arn)) return iam::ResourcePolicy{.document = std::move(*policy)};
    } else if (arn.starts_with("arn:aws:ecr:") && arn.find(kRepository) != std::string::npos) {
      auto policy = ecr.policy(std::string_view(arn).substr(arn.find(kRepository) + kRepository.size()));
      if (policy) return iam::ResourcePolicy{.document = std::move(*policy), .kind = iam::PolicyKind::kTrust};
    }
    return std::nullopt;
  }

  /// Ages grow by themselves: nobody but us would measure them.
  void sample() const {
    for (const std::string& name : firehose.streams()) {
      try {
        const std::chrono::duration<double> age = firehose.metrics(name).data_freshness(context.clock.now());
        context.meter({"AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName", name, age.count(), "Seconds"});
      } catch (const AwsError&) {
        // Deleted since it was listed.
      }
    }
  }

  void stop() {
    serving = false;
    cloudwatch.stop();
    events.stop();
    crawlers.shut_down();
    firehose.request_stop();
    sagemaker.request_stop();
    lambda.stop();
    sagemaker.stop();
    firehose.stop();
  }

  std::atomic<bool> built = false, serving = false;  // first: loops of services look at them
  storage::Catalog catalog;
  storage::ObjectStore objects;
  Context context;
  telemetry::Telemetry& telemetry;
  cloudwatch::CloudWatch cloudwatch;
  s3::S3 s3;
  kinesis::Kinesis kinesis;
  iam::Iam iam;
  iam::RoleAuthority authority;
  sts::Sessions sessions;
  logs::Logs logs;
  ecr::Ecr ecr;
  glue::Glue glue;
  glue::Crawlers crawlers;
  lambda::Lambda lambda;
  firehose::Firehose firehose;
  athena::Athena athena;
  sagemaker::SageMaker sagemaker;
  events::Events events;
  iam::Guard guard;
  Gateway gateway;
};

std::unique_ptr<base::Clock> make_clock(double speed) {
  if (!(speed > 0)) throw std::runtime_error("the speed must be greater than 0");
  return std::make_unique<base::ScaledClock>(speed);
}

}  // namespace

struct Engine::Impl {
  explicit Impl(EngineOptions o)
      : options(std::move(o)), folder(options.data), scaled(options.speed == 1 ? nullptr : make_clock(options.speed)),
        clock(scaled ? *scaled : base::system_clock()), credentials(root_credentials(folder.path(), ids)) {
    keys.add(credentials);
    build();
    listen();
    services->sagemaker.resume();
  }

  void build() {
    services = std::make_unique<Services>(options, folder.path(), clock, ids, keys, [this] { return callback(); },
                                          base::hmac_sha256(credentials.secret_access_key, "temporary keys"), telemetry);
    keys.set_source([this](const std::string& id, const std::string& token) { return services->iam.identity(id, token); });
    services->gateway.on_answer([this](std::string_view service, std::string_view operation, int status,
                                       std::chrono::duration<double> took) {
      telemetry.request(service, operation, status, took);
      if (service == "iam") services->authority.forget();
    });
    services->gateway.add_page(kMetricsPath, false, [this](const http::Request&) { return metrics(); });
    services->gateway.add_page("/_engine/health", true, [this](const http::Request&) { return health(); });
    services->gateway.add_page(kExplainPath, false, [this](const http::Request& request) { return explain(request); });
    services->gateway.add_page(kCredentialsPath, true, [this](const http::Request& request) { return keys_of_role(request); });
    services->gateway.add_page(kRolesPath, false, [this](const http::Request&) { return roles(); });
    services->gateway.add_page(kResetPath, false, [this](const http::Request& request) { return may_reset(request); });
    console.add_pages(services->gateway, services->s3, services->kinesis, [this] { return url.get(); });
  }

  void listen() {
    http::ServerOptions server_options;
    server_options.address = options.address;
    server_options.port = options.port;
    server_options.max_connections = most_connections(server_options.max_connections);
    server_options.workers = 256;  // some wait for functions and jobs, which call back
    server_options.spool_dir = folder.path() + "/scratch/spool";
    server_options.digests = s3::digests_of_upload;
    try {
      server.emplace(server_options, [this](const http::Request& request) { return handle(request); });
    } catch (const std::system_error& error) {
      // Functions that are being started already wait to be told where we listen.
      listening.set_exception(std::current_exception());
      if (error.code() == std::errc::address_in_use) {
        throw std::runtime_error(fmt::format("port {} of {} is in use: choose another with --listen, or stop what "
                                             "listens there", options.port, options.address));
      }
      throw std::runtime_error(fmt::format("cannot listen on {}:{}: {}", options.address, options.port,
                                           error.code().message()));
    }
    listening.set_value(server->url());
    folder.write_endpoint(server->url());
  }

  http::Response handle(const http::Request& request) {
    http::Response response;
    {
      std::shared_lock lock(replacing);
      response = services->gateway.handle(request);
    }
    // The page has said yes; the services can go only once no request is inside them.
    if (request.path() == kResetPath && response.status == 200) reset();
    return response;
  }

  /// For programs the engine starts. Waits until the port is known.
  Callback callback() { return {url.get(), credentials.access_key_id, credentials.secret_access_key}; }

  http::Response health() const {
    return {200, {{"Content-Type", "application/json"}},
            fmt::format("{{\"status\":\"ok\",\"account\":\"{}\",\"region\":\"{}\",\"speed\":{}}}\n", options.account,
                        options.region, options.speed)};
  }

  http::Response metrics() const {
    services->sample();
    return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, telemetry.text()};
  }

  /// As the agent in AWS's containers answers. Tokens that sign requests travel with them: they are no use here.
  http::Response keys_of_role(const http::Request& request) {
    std::map<std::string, std::string> asked;
    for (const auto& [name, value] : http::parse_query(request.query())) asked[name] = value;
    const auto who = services->iam.identity(asked["id"], asked["token"]);
    const std::string mark = std::string("/") + kAskingMark;
    const auto marked = who ? who->arn.rfind(mark) : std::string::npos;
    if (marked == std::string::npos || who->kind != Identity::Kind::kRole || !who->temporary || who->expired) {
      return {403, {{"Content-Type", "text/plain"}}, std::string("no such session\n")};
    }
    std::string arn = who->arn;
    arn.replace(marked, mark.size(), "/");
    const iam::Session session =
        iam::make_session(services->iam, {.arn = std::move(arn), .policy = {}}, base::system_clock().now());
    return {200, {{"Content-Type", "application/json"}},
            boost::json::serialize(boost::json::object{{"AccessKeyId", session.access_key_id},
                                                       {"SecretAccessKey", session.secret},
                                                       {"Token", session.token},
                                                       {"Expiration", base::to_iso8601(session.expires)}}) + "\n"};
  }

  http::Response roles() const {
    boost::json::array all;
    for (const iam::Deed& deed : services->authority.deeds()) {
      all.push_back({{"Role", deed.role}, {"Action", deed.action}, {"Resource", deed.resource}, {"Allowed", deed.allowed}});
    }
    return {200, {{"Content-Type", "application/json"}}, boost::json::serialize(all) + "\n"};
  }

  http::Response explain(const http::Request& request) const {
    std::string execution;
    for (const auto& [name, value] : http::parse_query(request.query())) {
      if (name == "execution") execution = value;
    }
    try {
      return {200, {{"Content-Type", "application/json"}}, services->sagemaker.explanation(execution) + "\n"};
    } catch (const AwsError& error) {
      return {404, {{"Content-Type", "text/plain"}}, std::string(error.what()) + "\n"};
    }
  }

  http::Response may_reset(const http::Request& request) const {
    if (!options.allow_reset) {
      return {403, {{"Content-Type", "text/plain"}}, std::string("start the engine with --allow-reset to allow this\n")};
    }
    if (request.method != "POST") return {405, {{"Allow", "POST"}}, {}};
    return {200, {{"Content-Type", "application/json"}}, std::string("{\"status\":\"reset\"}\n")};
  }

  void reset() {
    std::unique_lock lock(replacing);
    services.reset();
    folder.clear();
    build();
  }

  void stop() {
    if (server) server->stop();
    if (services) services->stop();
  }

  EngineOptions options;
  DataFolder folder;
  std::unique_ptr<base::Clock> scaled;
  const base::Clock& clock;
  base::Ids ids;
  aws::Credentials credentials;
  KeyStore keys;
  console::Console console{{options.account, options.region, options.speed}, keys, clock, console::page_assets()};
  telemetry::Telemetry telemetry;  // goes on counting when the services are replaced
  std::promise<std::string> listening;
  std::shared_future<std::string> url = listening.get_future().share();
  std::shared_mutex replacing;
  std::unique_ptr<Services> services;
  std::optional<http::Server> server;
};

Engine::Engine(EngineOptions options) {
  tune_malloc();
  raise_descriptor_limit();
  impl_ = std::make_unique<Impl>(std::move(options));
}

Engine::~Engine() { stop(); }

std::string Engine::url() const { return impl_->url.get(); }
aws::Credentials Engine::credentials() const { return impl_->credentials; }
std::string Engine::console_link() { return impl_->console.link(url()); }
void Engine::stop() { impl_->stop(); }

}  // namespace engine
