#!/usr/bin/env python3
"""Writes api_table.cpp, what the Kubernetes API's objects may hold, out of Kubernetes' own description of it:

    cd "$(go mod download -json k8s.io/kubernetes@v1.37.2 | jq -r .Dir)"
    lib/object/api_table.py 1.37.2 api/openapi-spec/swagger.json >lib/object/api_table.cpp

A line of the table is a kind, `= apps/v1 Deployment apps.v1.Deployment`, with `-` in place of the type where its objects
lie in no namespace; or a type and its fields, `core.v1.EnvVar name!=s value=s valueFrom=@core.v1.EnvVarSource`. `!` says
that the field is required. s: text, t: time, B: base64, b: true or false, i and l: whole numbers of 32 and 64 bits,
f: number, q: quantity, x: number or text, a: anything, @TYPE: an object, [] before: a list, {} before: a map.
"""
import json, sys

special = {"io.k8s.apimachinery.pkg.api.resource.Quantity": "q", "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "x",
           "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "t", "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "t",
           "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "a", "io.k8s.apimachinery.pkg.runtime.RawExtension": "a"}
plain = {"boolean": "b", "number": "f", "string": "s", "object": "a"}


def short(name):
    for long, brief in (("io.k8s.api.", ""), ("io.k8s.apimachinery.pkg.apis.", ""), ("io.k8s.", "")):
        if name.startswith(long):
            return brief + name[len(long):]
    return name


def type_of(schema):
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return special.get(name, "@" + short(name))
    if schema["type"] == "array":
        return "[]" + type_of(schema["items"])
    if schema["type"] == "integer":
        return "i" if schema.get("format") == "int32" else "l"
    if schema["type"] == "object" and "additionalProperties" in schema:
        return "{}" + type_of(schema["additionalProperties"])
    if schema.get("format") == "byte":
        return "B"
    return plain[schema["type"]]


def kinds(spec):
    """(apiVersion, kind, definition or None) of all that can be created; None where it lies in no namespace."""
    definitions = {tuple(sorted(kind.items())): name for name, definition in spec["definitions"].items()
                   for kind in definition.get("x-kubernetes-group-version-kind", [])}
    for path, methods in spec["paths"].items():
        made = methods.get("post", {}).get("x-kubernetes-group-version-kind")
        if made and "/{name}/" not in path:
            spaced = "/namespaces/{namespace}/" in path
            version = "/".join(filter(None, (made["group"], made["version"])))
            yield version, made["kind"], definitions[tuple(sorted(made.items()))] if spaced else None


def main(version, file):
    spec = json.load(open(file))
    definitions = spec["definitions"]
    lines, todo, done = [], [], set()
    for version, kind, name in sorted(set(kinds(spec)), key=lambda kind: (kind[0].count("/"), kind[:2])):
        lines.append(f"= {version} {kind} {short(name) if name else '-'}")
        todo += [name] if name else []
    types = []
    while todo:
        name = todo.pop()
        if name in done or name in special:
            continue
        done.add(name)
        definition = definitions[name]
        fields = definition.get("properties", {})
        required = definition.get("required", [])
        types.append(" ".join([short(name)] + [f"{field}{'!' if field in required else ''}={type_of(schema)}"
                                               for field, schema in sorted(fields.items())]))
        for schema in fields.values():
            while schema and "$ref" not in schema:
                schema = schema.get("items") or schema.get("additionalProperties")
            todo += [schema["$ref"].rsplit("/", 1)[1]] if schema else []
    print(f"""// Made by api_table.py, which says what stands here, from the API of Kubernetes {version}.
#include "object/api_table.h"

namespace lotse::object {{

const char* const api_table = R"(""" + "\n".join(lines + sorted(types)) + """
)";

}  // namespace lotse::object""")


main(*sys.argv[1:])
