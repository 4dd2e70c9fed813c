"""The acceptance cases, in the order in which they are run."""

from cases import account, dns, healthy, host, images, interruptions, nodes, path, pods, ports, spark, templates

MODULES = (healthy, host, dns, ports, path, images, nodes, pods, spark, account, interruptions, templates)
CASES = [case for module in MODULES for case in module.CASES]
