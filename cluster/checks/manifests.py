"""Checks the manifests of cluster/kubernetes; `kubernetes` runs it.

    manifests.py DENJU SECRETS.yaml [JOBSET_CRD.yaml]

Every object against its published schema (package kubernetes-validate, strict), the Jobs within a
JobSet as Jobs, the JobSet itself against its custom resource definition where one is given; then what
no schema knows: that names and labels meet, that pods are confined, that probes look at progress, and
that every word of a container's command line is an option.
"""

import json
import pathlib
import re
import subprocess
import sys

import kubernetes_validate
import yaml

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "kubernetes"
VERSION = kubernetes_validate.latest_version()


def load(path):
    """The documents of a file; a key that stands twice is a mistake that YAML readers pass over."""

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{path}: a key stands twice in {keys}"
        return yaml.SafeLoader.construct_mapping(loader, node, deep=True)

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return [document for document in yaml.load_all(path.read_text(), Loader) if document]


def jobs_of(document):
    """The Jobs that an object makes: (component, Job)."""
    if document["kind"] == "Job":
        yield document
    if document["kind"] == "JobSet":
        for job in document["spec"]["replicatedJobs"]:
            yield {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": job["name"]},
                   "spec": job["template"]["spec"]}


def options(program, command):
    text = subprocess.run([program, "help", command], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^ {2}--([a-z-]+)", text, re.MULTILINE))


def check_pod(where, template, names, program):
    labels, pod = template["metadata"]["labels"], template["spec"]
    (container,) = pod["containers"]
    component = labels["app.kubernetes.io/component"]
    assert container["name"] == component == container["args"][0], where
    assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False, where
    assert pod["securityContext"]["runAsNonRoot"] is True, where
    assert pod["securityContext"]["runAsUser"] > 0 and pod["securityContext"]["fsGroup"] > 0, where
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, where
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]}}, where
    assert {"requests", "limits"} <= container["resources"].keys(), where
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"]:
        assert probe not in container or "exec" in container[probe], f"{where}: {probe}"
    assert "-mmin" in str(container["livenessProbe"]["exec"]), where
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert mounted.keys() == volumes.keys(), f"{where}: mounts {mounted}"
    given = dict(word.lstrip("-").partition("=")[::2] for word in container["args"][1:])
    unknown = given.keys() - options(program, component)
    assert not unknown, f"{where}: denju {component} has no --{unknown}"
    # Each path on the command line lies in a volume, and a file of keys or recipe is in its object.
    for option, value in given.items():
        if not value.startswith("/"):
            continue
        name = next(name for name, path in mounted.items() if (value + "/").startswith(path + "/"))
        volume, file = volumes[name], value.removeprefix(mounted[name]).strip("/")
        for kind, key in [("secret", "secretName"), ("configMap", "name")]:
            if kind in volume and file:
                assert file in names[volume[kind][key]], f"{where}: --{option} {file}"
    for volume in volumes.values():
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in names, where
        if "secret" in volume:
            assert volume["secret"]["defaultMode"] == 0o440, where
    return component, labels, given, container


def main():
    program, secrets = sys.argv[1], pathlib.Path(sys.argv[2])
    definition = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    common = load(FOLDER / "common.yaml") + load(secrets)
    objects = {(document["kind"], document["metadata"]["name"]): document for document in common}
    names = {
        name: (document.get("data") or {}).keys() | (document.get("binaryData") or {}).keys()
        for (_, name), document in objects.items()}
    validated = 0
    for document in common:
        kubernetes_validate.validate(document, VERSION, strict=True)
        validated += 1
    for file in ["jobs.yaml", "jobset.yaml"]:
        pods = {}
        for document in load(FOLDER / file):
            if document["kind"] != "JobSet":
                kubernetes_validate.validate(document, VERSION, strict=True)
                validated += 1
            for job in jobs_of(document):
                kubernetes_validate.validate(job, VERSION, strict=True)
                component, labels, given, container = check_pod(
                    f"{file}: {job['metadata']['name']}", job["spec"]["template"], names, program)
                pods[component] = (labels, given, container)
        assert pods.keys() == {"coordinator", "worker"}, file
        labels, given, container = pods["coordinator"]
        service = objects["Service", "denju-coordinator"]["spec"]
        assert service["selector"].items() <= labels.items(), file
        (port,) = container["ports"]
        assert service["ports"][0]["targetPort"] == port["name"], file
        assert given["bind"].endswith(f":{port['containerPort']}"), file
        assert pods["worker"][1]["connect"] == f"tcp://{given['advertise']}:{service['ports'][0]['port']}"
        assert given["advertise"] == "denju-coordinator" and service["clusterIP"] == "None"
        for component, policy in [(c, objects["NetworkPolicy", f"denju-{c}"]["spec"]) for c in pods]:
            assert policy["podSelector"]["matchLabels"].items() <= pods[component][0].items()
            assert policy["policyTypes"] == ["Ingress", "Egress"]
    print(f"kubernetes: {validated} objects hold to the published schemas of Kubernetes {VERSION}; "
          "the Jobs of the JobSet too")
    if definition:
        import jsonschema
        versions = yaml.safe_load(definition.read_text())["spec"]["versions"]
        (jobset,) = load(FOLDER / "jobset.yaml")
        (schema,) = [version["schema"]["openAPIV3Schema"] for version in versions
                     if jobset["apiVersion"].endswith("/" + version["name"])]
        # A server drops what the schema does not name; here that is a mistake.
        def close(part):
            if isinstance(part, dict):
                if "properties" in part and "x-kubernetes-preserve-unknown-fields" not in part:
                    part.setdefault("additionalProperties", False)
                for value in part.values():
                    close(value)
            elif isinstance(part, list):
                for value in part:
                    close(value)
        schema["properties"]["metadata"] = {"type": "object"}
        text = json.dumps(schema).replace('"x-kubernetes-int-or-string": true',
                                          '"type": ["integer", "string"]')
        schema = json.loads(text)
        close(schema)
        jsonschema.validate(jobset, schema)
        print(f"kubernetes: the JobSet holds to {definition.name}")
    else:
        print("kubernetes: no definition of JobSet was given (--jobset-crd): its own fields are unchecked")


main()
