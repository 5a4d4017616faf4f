#include "action/exec_pipe.h"

#include <catch2/catch.hpp>

#include "support/channel_server.h"
#include "support/error_from.h"

using namespace lotse;

TEST_CASE("a program may end as soon as it has the last that it waits for") {
  test::ChannelServer setup("v5.channel.k8s.io", [](test::Raw& raw) {
    raw.write(test::on(3, R"({"status":"Success"})") + test::bye());
    std::string buffer;
    test::read_frame(raw, buffer);
  });
  kube::Exec command(*setup.client, {"p", "", {"files", "send"}, true, false});
  action::ExecPipe pipe(command);
  std::vector<pollfd> none;
  command.wait(none, std::chrono::seconds(10));  // until its end has come
  pipe.write("received\n");
  command.end_input();
  pipe.finish();
  CHECK(test::error_from([&] { pipe.write("more"); }).what() ==
        std::string("the helper pod's program ended too early"));
}
