"""Everything holds, and is said to within the time that is promised."""

from cases import case

# The figure is the machine's at its best: another's load is not ackcheck's slowness.
TRIES = 3


def within(row, seconds, prepare):
    """Runs until one is fast enough, `TRIES` times at the most."""
    taken = []
    while len(taken) < TRIES and not (taken and min(taken) <= seconds):
        prepare()
        taken.append(row.run().verdicts_after)
    row.got += f"; every verdict after {', '.join(f'{time:.1f}' for time in taken)} s, at most {seconds} s promised"
    return [] if min(taken) <= seconds else [f"the verdicts took {min(taken):.1f} s, more than {seconds} s"]


@case("healthy, the image not yet in the registry")
def empty_registry(cluster, row):
    def forget():
        cluster.registry.empty()
        cluster.forget_images()
    return within(row, 8, forget)


@case("healthy, the image there")
def healthy(cluster, row):
    return within(row, 4, lambda: None)
