#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "../models.h"
#include "base/error.h"
#include "base/strings.h"
#include "runner/detect/report.h"
#include "runner/detect/service.h"
#include "runner/serve/metrics.h"
#include "runner/serve/server.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::serve;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// A socket of the test's own, so that it can say what no client library would.
class Connection {
 public:
  explicit Connection(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit = {20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    good_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  bool good() const { return good_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  /// False at the end of the connection.
  bool fill() {
    char part[65536];
    const auto got = ::recv(fd_, part, sizeof part, 0);
    if (got <= 0) return false;
    buffer_.append(part, static_cast<size_t>(got));
    return true;
  }

  struct Reply {
    int status = 0;
    std::string head, body;
    bool closes() const { return head.find("Connection: close") != std::string::npos; }
    json document() const { return json::parse(body, nullptr, false); }
  };

  Reply reply(bool to_head = false) {
    size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return {};
    }
    Reply reply;
    reply.head = buffer_.substr(0, end);
    reply.status = std::stoi(reply.head.substr(9, 3));
    const auto at = reply.head.find("Content-Length: ");
    const size_t length =
        at == std::string::npos || to_head ? 0 : std::stoul(reply.head.substr(at + 16));
    while (buffer_.size() < end + 4 + length && fill()) {
    }
    reply.body = buffer_.substr(end + 4, length);
    buffer_.erase(0, end + 4 + length);
    return reply;
  }

  /// Nothing more comes, and the other side has closed.
  bool ended() { return buffer_.empty() && !fill(); }

 private:
  int fd_;
  bool good_ = false;
  std::string buffer_;
};

std::string request(const std::string& method, const std::string& path,
                    const std::string& body = "", const std::string& more = "") {
  return method + " " + path + " HTTP/1.1\r\nHost: test\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

detect::Selection few() {
  return {0, 0.7, 5, {}, false};
}

std::unique_ptr<detect::DetectModel> small_model() {
  return detector(engine_options("yolo26n", 64, 1));
}

/// A network whose scores are another file's bytes.
class Smuggler : public task::Network {
 public:
  task::Tensors forward(const task::Tensors& inputs) override {
    return {torch::full({inputs.at(0).size(0), 3, 6}, 114.F)};
  }
};

std::unique_ptr<task::Service> smuggling() {
  return std::make_unique<detect::BoxService>(
      std::make_unique<detect::DetectModel>(
          std::make_unique<Smuggler>(), task::ModelInfo(),
          detect::DetectModel::Parts{detect::Heads::one_to_one, {"cat"}, 64}),
      few());
}

json boxes_of(detect::DetectModel& model, const media::Image& image) {
  return detect::to_json(detect::BoxPredictor(model, few()).detect({&image}).at(0), model.names());
}

/// A server with a model, and a client.
struct Served {
  explicit Served(ServerLimits limits = {}) : api("yolo"), server(api, "127.0.0.1", 0, limits) {
    api.set_service(std::make_unique<detect::BoxService>(small_model(), few()));
    api.set_ready(true);
  }
  Connection::Reply ask(const std::string& bytes) const {
    Connection connection(server.port());
    connection.send(bytes);
    return connection.reply();
  }
  Api api;
  Server server;
};

media::Image picture() {
  auto image = media::blank(80, 60, 30);
  for (int y = 20; y < 40; ++y) {
    for (int x = 10; x < 50; ++x) image.at(x, y)[0] = 250;
  }
  return image;
}

std::string tensor_body(const json& shape, const json& data) {
  return json{
      {"id", "42"},
      {"inputs", {{{"name", "images"}, {"datatype", "FP32"}, {"shape", shape}, {"data", data}}}}}
      .dump();
}

}  // namespace

TEST_CASE("the protocol's paths") {
  Served served;
  CHECK(served.ask(request("GET", "/v2/health/live")).status == 200);
  CHECK(served.ask(request("GET", "/v2/health/ready")).status == 200);
  CHECK(served.ask(request("GET", "/v2/models/yolo/ready")).status == 200);
  CHECK(served.ask(request("GET", "/v2/models/yolo/versions/1/ready")).status == 200);
  CHECK(served.ask(request("GET", "/v2")).document()["name"] == "lotse-runner");
  const auto model = served.ask(request("GET", "/v2/models/yolo?x=1")).document();
  CHECK(model["name"] == "yolo");
  CHECK(model["inputs"][0]["shape"] == json({-1, 3, -1, -1}));
  CHECK(model["outputs"][0]["datatype"] == "FP32");
  CHECK(served.ask(request("GET", "/v2/models/other")).status == 404);
  CHECK(served.ask(request("GET", "/v2/models/yolo/versions/2")).status == 404);
  CHECK_THAT(served.ask(request("GET", "/nothing")).document()["error"].get<std::string>(),
             Contains("/nothing"));
  const auto wrong = served.ask(request("DELETE", "/v2"));
  CHECK(wrong.status == 405);
  CHECK_THAT(wrong.head, Contains("Allow: GET, HEAD"));
  CHECK(served.ask(request("GET", "/v1/detect")).status == 405);
}

TEST_CASE("a picture's boxes are those of infer") {
  Served served;
  const auto image = picture();
  const auto model = small_model();
  const auto expected = boxes_of(*model, image);
  REQUIRE(expected.size() == 5);
  const auto reply = served.ask(
      request("POST", "/v1/detect", media::encode_png(image), "Content-Type: image/png\r\n"));
  CHECK(reply.status == 200);
  const auto answer = reply.document();
  CHECK(answer["width"] == 80);
  CHECK(answer["height"] == 60);
  CHECK(answer["detections"] == expected);
  const auto bad = served.ask(request("POST", "/v1/detect", "no picture"));
  CHECK(bad.status == 400);
  CHECK_THAT(bad.body, Contains("none of JPEG, PNG"));
}

TEST_CASE("tensors go in and rows come out") {
  Served served;
  torch::manual_seed(1);
  const auto images = torch::rand({2, 3, 32, 64});
  json flat = json::array();
  for (int64_t i = 0; i < images.numel(); ++i) flat.push_back(images.data_ptr<float>()[i]);
  const auto reply =
      served.ask(request("POST", "/v2/models/yolo/infer", tensor_body({2, 3, 32, 64}, flat)));
  REQUIRE(reply.status == 200);
  const auto answer = reply.document();
  CHECK(answer["id"] == "42");
  CHECK(answer["model_name"] == "yolo");
  const auto& output = answer["outputs"][0];
  CHECK(output["shape"] == json({2, 300, 6}));
  REQUIRE(output["data"].size() == 2 * 300 * 6);
  detect::Selection all = few();
  all.max_detections = 300;
  const auto expected = small_model()->detect(images, all);
  CHECK(output["data"][300 * 6 + 4].get<float>() == Approx(expected[1][0].confidence));
  CHECK(output["data"][300 * 6].get<float>() == Approx(expected[1][0].box[0]).margin(1e-3));

  // Nested data means the same.
  json nested = json::array();
  for (int n = 0; n < 2; ++n)
    nested.push_back(json(flat.begin() + n * 6144, flat.begin() + (n + 1) * 6144));
  const auto again =
      served.ask(request("POST", "/v2/models/yolo/infer", tensor_body({2, 3, 32, 64}, nested)));
  CHECK(again.document()["outputs"] == answer["outputs"]);
}

TEST_CASE("wrong tensors are 400 with the reason, and the next request is fine") {
  Served served;
  const auto path = "/v2/models/yolo/infer";
  const std::map<std::string, std::string> cases = {
      {"{", "not JSON"},
      {"[]", "not a JSON object"},
      {R"({"inputs": []})", "one tensor"},
      {R"({"inputs": [{"name": "x"}]})", "not named 'images'"},
      {R"({"inputs": [{"name": "images", "datatype": "INT8"}]})", "FP32"},
      {tensor_body({1, 3, 32}, {1}), "'shape'"},
      {tensor_body({1, 3, 33, 32}, {1}), "multiples of 32"},
      {tensor_body({1, 3, 32, 32}, {1, 2}), "holds 2 numbers"},
      {tensor_body({1, 3, 32, 32}, {"a"}), "no number"},
      {tensor_body({1, 3, -32, 32}, {1}), "no size"},
      {R"({"inputs":[{"name":"images","datatype":"FP32","shape":[18446744073709551615,3,32,32],"data":[]}]})",
       "no size"},
      {tensor_body({1, 3, 32, 32}, json(std::vector<float>(5000, 0))), "more numbers"},
      {std::string(150000, '['), "nested deeper"},
      {"{\"\xff\": 1}", "not JSON"}};
  for (const auto& [body, why] : cases) {
    INFO(body.substr(0, 80));
    const auto reply = served.ask(request("POST", path, body));
    CHECK(reply.status == 400);
    CHECK_THAT(reply.body, Contains(why));
    CHECK(reply.document().contains("error"));
  }
  CHECK(served.ask(request("GET", "/v2/health/ready")).status == 200);
}

TEST_CASE("HTTP's corners") {
  ServerLimits limits;
  limits.body_bytes = 100000;
  limits.read_seconds = 0.6;
  limits.idle_seconds = 2;
  Served served(limits);
  SECTION("requests sent at once are answered in order") {
    Connection connection(served.server.port());
    connection.send(request("GET", "/v2/health/live") +
                    request("POST", "/v1/detect", media::encode_png(picture())) +
                    request("GET", "/nothing") + request("GET", "/v2"));
    CHECK(connection.reply().status == 200);
    CHECK(connection.reply().document()["detections"].size() == 5);
    CHECK(connection.reply().status == 404);
    CHECK(connection.reply().document()["name"] == "lotse-runner");
  }
  SECTION("HEAD has the length and no body") {
    Connection connection(served.server.port());
    connection.send(request("HEAD", "/v2") + request("GET", "/v2"));
    const auto head = connection.reply(true);
    CHECK(head.status == 200);
    CHECK_THAT(head.head, Contains("Content-Length: "));
    CHECK(connection.reply().document()["name"] == "lotse-runner");
  }
  SECTION("HTTP/1.0 closes, unless asked not to") {
    Connection connection(served.server.port());
    connection.send("GET /v2 HTTP/1.0\r\n\r\n");
    CHECK(connection.reply().status == 200);
    CHECK(connection.ended());
  }
  SECTION("100-continue") {
    Connection connection(served.server.port());
    const auto body = media::encode_png(picture());
    connection.send(
        "POST /v1/detect HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n");
    CHECK(connection.reply(true).status == 100);
    connection.send(body);
    CHECK(connection.reply().status == 200);
  }
  SECTION("a chunked body in single bytes") {
    Connection connection(served.server.port());
    std::string bytes = "POST /v1/detect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char c : media::encode_jpeg(picture())) bytes += std::string("1\r\n") + c + "\r\n";
    connection.send(bytes + "0\r\n\r\n");
    CHECK(connection.reply().status == 200);
  }
  SECTION("a body that is too long is refused before it has come") {
    Connection connection(served.server.port());
    connection.send("POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n\r\n");
    const auto reply = connection.reply();
    CHECK(reply.status == 413);
    CHECK(reply.closes());
  }
  SECTION("a chunked body that is too long is refused") {
    Connection connection(served.server.port());
    connection.send("POST /v1/detect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; ++i) connection.send("c350\r\n" + std::string(50000, 'x') + "\r\n");
    CHECK(connection.reply().status == 413);
  }
  SECTION("what is not HTTP is 400") {
    Connection connection(served.server.port());
    connection.send("\x16\x03\x01 hello\r\n\r\n");
    CHECK(connection.reply().status == 400);
    CHECK(connection.ended());
  }
  SECTION("a header without end is 431") {
    Connection connection(served.server.port());
    connection.send("GET /v2 HTTP/1.1\r\nX: " + std::string(20000, 'a'));
    CHECK(connection.reply().status == 431);
  }
  SECTION("a client that sends too slowly is dropped") {
    Connection connection(served.server.port());
    connection.send("GET /v2 HT");
    CHECK(connection.ended());
  }
  SECTION("a connection may rest longer than a request may take, but not for ever") {
    Connection connection(served.server.port());
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1200));
      connection.send(request("GET", "/v2"));
      CHECK(connection.reply().status == 200);
    }
    const auto begin = std::chrono::steady_clock::now();
    CHECK(connection.ended());
    CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(1500));
  }
  SECTION("a client that goes away hurts nobody") {
    for (int i = 0; i < 20; ++i) {
      Connection connection(served.server.port());
      connection.send(request("POST", "/v1/detect", media::encode_png(picture())));
    }
    CHECK(served.ask(request("GET", "/v2/health/live")).status == 200);
  }
}

TEST_CASE("before the model is there only liveness is") {
  Api api("yolo");
  Server server(api, "127.0.0.1", 0);
  const auto ask = [&](const std::string& bytes) {
    Connection connection(server.port());
    connection.send(bytes);
    return connection.reply().status;
  };
  CHECK(ask(request("GET", "/v2/health/live")) == 200);
  CHECK(ask(request("GET", "/v2/health/ready")) == 503);
  CHECK(ask(request("GET", "/v2/models/yolo")) == 503);
  CHECK(ask(request("POST", "/v1/detect", "x")) == 503);
}

TEST_CASE("metrics count") {
  Served served;
  served.ask(request("GET", "/v2"));
  served.ask(request("GET", "/nothing"));
  const auto text = served.ask(request("GET", "/metrics")).body;
  CHECK_THAT(text, Contains("lotse_requests_total{code=\"200\"} 1\n"));
  CHECK_THAT(text, Contains("lotse_requests_total{code=\"404\"} 1\n"));
  CHECK_THAT(text, Contains("lotse_requests_in_flight 1\n"));
  CHECK_THAT(text, Contains("lotse_request_seconds_count 2\n"));
  CHECK_THAT(text, Contains("architecture=\"yolo26n\""));
  CHECK_THAT(text, Contains("lotse_ready 1\n"));
}

TEST_CASE(
    "metrics: a label's value ends neither its quotes nor its line, nor speaks to a terminal") {
  const auto text = Metrics().text({{"model", "a\"b\\c\nd\x1b[31m\xff"}}, true);
  CHECK_THAT(text, Contains("lotse_model_info{model=\"a\\\"b\\\\c\\nd\\x1b[31m\\xff\"} 1\n"));
}

TEST_CASE("stopping loses nothing that is in flight") {
  Served served;
  const auto body = media::encode_png(picture());
  Connection idle(served.server.port());
  idle.send(request("GET", "/v2/health/live"));
  REQUIRE(idle.reply().status == 200);
  std::vector<std::unique_ptr<Connection>> busy;
  for (int i = 0; i < 16; ++i) {
    busy.push_back(std::make_unique<Connection>(served.server.port()));
    busy.back()->send(request("POST", "/v1/detect", body));
  }
  // One whose request is still on its way.
  Connection late(served.server.port());
  const auto whole = request("POST", "/v1/detect", body);
  late.send(whole.substr(0, whole.size() / 2));
  served.api.set_ready(false);
  served.server.drain();
  // Still answered while draining, and told to go.
  const auto draining = served.ask(request("POST", "/v1/detect", body));
  CHECK(draining.status == 200);
  CHECK(draining.closes());
  CHECK(served.ask(request("GET", "/v2/health/ready")).status == 503);
  CHECK(served.ask(request("GET", "/v2/health/live")).status == 200);
  std::thread sender([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    late.send(whole.substr(whole.size() / 2));
  });
  std::vector<int> statuses;
  std::thread reader([&] {
    for (auto& connection : busy) statuses.push_back(connection->reply().status);
    statuses.push_back(late.reply().status);
  });
  CHECK(served.server.stop(10));
  sender.join();
  reader.join();
  CHECK(statuses == std::vector<int>(17, 200));
  CHECK(idle.ended());
  CHECK_FALSE(Connection(served.server.port()).good());
}

TEST_CASE("many clients each get their own answer") {
  Served served;
  const auto model = small_model();
  std::vector<std::thread> clients;
  std::vector<int> wrong(4, -1);
  std::vector<json> expected;
  std::vector<std::string> bodies;
  for (int c = 0; c < 4; ++c) {
    auto image = picture();
    for (auto& value : image.rgb) value = static_cast<uint8_t>(value / (c + 1));
    bodies.push_back(media::encode_png(image));
    expected.push_back(boxes_of(*model, image));
  }
  for (size_t c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      Connection connection(served.server.port());
      wrong[c] = 0;
      for (int i = 0; i < 25; ++i) {
        connection.send(request("POST", "/v1/detect", bodies[c]));
        if (connection.reply().document().value("detections", json()) != expected[c]) ++wrong[c];
      }
    });
  }
  for (auto& client : clients) client.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("addresses that cannot be") {
  Api api("yolo");
  CHECK_THROWS_WITH(Server(api, "not an address", 0), Contains("neither an address nor a name"));
  const Server first(api, "127.0.0.1", 0);
  CHECK_THROWS_WITH(Server(api, "127.0.0.1", first.port()), Contains("cannot listen"));
}

TEST_CASE("outputs that cannot be detections are 500 and counted, never passed on") {
  Served served;
  served.api.set_service(smuggling());
  const auto picture_reply =
      served.ask(request("POST", "/v1/detect", media::encode_png(picture())));
  CHECK(picture_reply.status == 500);
  CHECK_THAT(picture_reply.body, Contains("the model's output is wrong"));
  const json zeros(std::vector<float>(3 * 64 * 64, 0));
  const auto body = tensor_body({1, 3, 64, 64}, zeros);
  CHECK(served.ask(request("POST", "/v2/models/yolo/infer", body)).status == 500);
  CHECK_THAT(served.ask(request("GET", "/metrics")).body,
             Contains("lotse_wrong_outputs_total 2\n"));
}

TEST_CASE("a host may be a name") {
  Api api("yolo");
  const Server server(api, "localhost", 0);
  Connection connection(server.port());  // 127.0.0.1
  REQUIRE(connection.good());
  connection.send(request("GET", "/v2/health/live"));
  CHECK(connection.reply().status == 200);
}

TEST_CASE("a model's name may need escaping") {
  Api api("my model/ü");
  const Server server(api, "127.0.0.1", 0);
  const auto status = [&](const std::string& path) {
    Connection connection(server.port());
    connection.send(request("GET", path));
    return connection.reply().status;
  };
  CHECK(status("/v2/models/my%20model/%C3%bc/ready") == 503);  // known, and not ready
  CHECK(status("/v2/models/my%20model%2F%C3%BC/ready?a=%zz") == 503);
  CHECK(status("/v2/models/my+model/%C3%BC/ready") == 404);
  CHECK(status("/v2/models/my%2") == 400);
  CHECK(status("/v2/models/my%+1") == 400);
}

TEST_CASE("a form's one file is the picture") {
  Served served;
  const auto png = media::encode_png(picture());
  const auto part = [](const std::string& disposition, const std::string& content) {
    return "--xyz\r\nContent-Disposition: form-data; " + disposition +
           "\r\nContent-Type: image/png\r\n\r\n" + content + "\r\n";
  };
  const auto file = part("name=\"image\"; filename=\"bus.png\"", png);
  const auto ask = [&](const std::string& body, const std::string& type) {
    return served.ask(request("POST", "/v1/detect", body, "Content-Type: " + type + "\r\n"));
  };
  const std::string form = "multipart/form-data; boundary=xyz";
  const auto plain = served.ask(request("POST", "/v1/detect", png)).document();
  REQUIRE(plain["detections"].size() == 5);
  CHECK(ask(file + "--xyz--\r\n", form).document() == plain);
  CHECK(ask("preamble\r\n" + part("name=note", "text") + file + "--xyz--\r\nepilogue",
            "Multipart/Form-Data; charset=utf-8; Boundary=\"xyz\"")
            .document() == plain);
  CHECK(ask(part("name=image", png) + "--xyz--", form).document() == plain);

  const auto refused = [&](const std::string& body, const std::string& type,
                           const std::string& why) {
    const auto reply = ask(body, type);
    CHECK(reply.status == 400);
    CHECK_THAT(reply.body, Contains(why));
  };
  refused(file + file + "--xyz--\r\n", form, "2 files");
  refused("--xyz--\r\n", form, "0 files");
  refused(file, form, "ends within a part");
  refused(file.substr(0, 30), form, "ends within a part");
  refused("--xyz\r\nno headers' end\r\n--xyz--", form, "no end of its headers");
  refused(png, form, "boundary");
  refused(file + "--xyz--\r\n", "multipart/form-data", "no boundary");
  refused(part("name=f; filename=a", "no picture") + "--xyz--", form, "JPEG");
}
