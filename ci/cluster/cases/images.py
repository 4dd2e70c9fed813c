"""The registry, and what nodes pull with."""

from cases import blocked, case, each

NO_IMAGE = blocked("node_takes_pods", "registry_pull")


@case("wrong registry password", exit=1, registry_login="unauthorized", registry_push="blocked", **NO_IMAGE)
def wrong_password(cluster):
    wrong = cluster.dss.folder / "wrong-password"
    wrong.touch(0o600)
    wrong.write_text("CANARY-wrong")
    yield {"site": cluster.dss.site("wrong-password", (r'"secrets/registry-password"', f'"{wrong}"'))}


@case("wrong password in the pull secret", exit=1, registry_pull=each("unauthorized"), **blocked())
def wrong_pull_secret(cluster):
    cluster.write_pull_secret("CANARY-wrong")
    yield
    cluster.write_pull_secret(cluster.dss.secret("registry-password"))


@case("no pull secret in the namespace", exit=1, registry_pull=each("no-pull-secret"), **blocked())
def no_pull_secret(cluster):
    cluster.give_pull_secret(False)
    yield
    cluster.give_pull_secret(True)


@case("repository missing, in a registry that makes none", exit=1, registry_push="not-created", **NO_IMAGE)
def no_repository(cluster):
    cluster.registry.empty()
    cluster.registry.stand_behind_keeper()
    yield
    cluster.registry.stand_alone()


@case("registry read-only", exit=1, registry_push="upload-fails", **NO_IMAGE)
def read_only(cluster):
    cluster.registry.make_read_only(True)
    yield
    cluster.registry.make_read_only(False)


@case("registry down", exit=1, registry_login="unreachable", registry_push="blocked", **NO_IMAGE)
def down(cluster):
    cluster.registry.service.stop()
    yield
    cluster.registry.start()


@case("registry refused to one node", exit=1, registry_pull={"node2": "unreachable-from-node"}, **blocked(nodes=["node2"]))
def refused_to_node(cluster):
    cluster.forget_images()
    cluster.registry.machine.run("nft", "-f", "-", text=f"""table inet firewall {{
chain arriving {{
type filter hook input priority 0
ip saddr {cluster.nodes[1].address} tcp dport 443 reject with tcp reset
}}
}}
""")
    # The kubelet tries again, and is given some time for it.
    yield {"site": cluster.dss.site("short", (r"\Z", '\n[limits]\nstart = "12s"\npull = "12s"\n'))}
    cluster.registry.machine.run("nft", "delete", "table", "inet", "firewall")
