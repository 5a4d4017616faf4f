#include "template/secret_values.h"

#include <catch2/catch.hpp>

#include "support/error_from.h"

using namespace lotse;
using nlohmann::json;

namespace {

tmpl::Template with_password() {
  return tmpl::parse_template(
      {{"template.yaml",
        "name: t\nkind: job\nversion: 1.0.0\nhelp: h\nschema:\n"
        "  type: object\n  properties:\n"
        "    user: {type: string, default: me}\n"
        "    password: {type: string, default: '', x-lotse: {secret: true}}\n"},
       {"manifests/a.yaml", "kind: ConfigMap\n"}},
      "t");
}

json object(const char* kind, const json& data) {
  return {{"kind", kind}, {"metadata", {{"name", "x"}}}, {"data", data}};
}

}  // namespace

TEST_CASE("secret values are not recorded") {
  const auto from = with_password();
  CHECK(tmpl::without_secrets(from, {{"user", "me"}, {"password", "hunter2"}}) ==
        json{{"user", "me"}, {"password", "(secret)"}});
  CHECK(tmpl::without_secrets(from, {{"password", ""}}) == json{{"password", ""}});
}

TEST_CASE("a secret value may stand in the data of a Secret alone") {
  const auto from = with_password();
  const json values = {{"password", "hunter2hunter2"}};
  CHECK_NOTHROW(tmpl::check_secrets(from, values, {object("Secret", {{"p", "hunter2hunter2"}})}));
  const auto error = test::error_from([&] {
    tmpl::check_secrets(from, values, {object("ConfigMap", {{"u", "http://a:hunter2hunter2@b"}})});
  });
  CHECK_THAT(error.what(), Catch::Contains("ConfigMap/x") && Catch::Contains("password"));
  CHECK_THAT(error.what(), !Catch::Contains("hunter2"));
  // A short one is no part of other texts by chance.
  CHECK_NOTHROW(
      tmpl::check_secrets(from, {{"password", "a"}}, {object("ConfigMap", {{"u", "a and b"}})}));
  CHECK_THROWS(tmpl::check_secrets(from, {{"password", "a"}}, {object("ConfigMap", {{"u", "a"}})}));
}
