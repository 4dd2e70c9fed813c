"""Everything holds."""

from cases import case


@case("healthy, the image not yet in the registry")
def empty_registry(cluster):
    cluster.registry.empty()
    for node in cluster.nodes:
        node.forget_images()
    yield


@case("healthy, the image there")
def healthy(cluster):
    yield
