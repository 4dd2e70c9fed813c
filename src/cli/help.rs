//! What `--help` says behind the options: examples, and what the exit codes mean.

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    everything that was asked holds
  1    something fails that is not waived
  2    something could not be judged: a right is missing, a service gave no answer
  3    bad usage or configuration, or a report could not be written
  4    nothing was selected, or nothing applies to this deployment
  130  stopped by Ctrl-C, SIGTERM, SIGHUP or --timeout; the reports are written
  1 wins over 2."
    };
}

pub(super) const EXIT_CODES: &str = exit_codes!();

pub(super) const PROGRAM: &str = concat!(
    "\
Examples:
  ackcheck run --lab                                  see it work, on a simulated deployment
  ackcheck run --lab --fault oss-write/denied         see what a broken one looks like
  ackcheck init --from /data/dataiku                  write ackcheck.toml for your deployment
  ackcheck rights                                     see which rights the checks need
  ackcheck run                                        check your deployment
  ackcheck run --stage preflight                      check it before DSS is installed
  ackcheck run --only storage/ --only 'registry-*'    check a part of it, and what that depends on
  ackcheck run --report terminal --report junit=ackcheck.xml
  ackcheck explain oss-write/denied                   what a finding means, and how to fix it
  ackcheck diagnose output.log                        what a log tells of, and which checks prove it

",
    exit_codes!()
);

pub(super) const RUN: &str = concat!(
    "\
Reports:
  --report FORMAT          to standard output
  --report FORMAT=FILE     to a file, written whole or not at all
  Several may be given, one of them to standard output. Where none goes to standard output, the
  report for people does.
  terminal     for people at a terminal
  short        ten lines to paste into a chat
  markdown     for a ticket, a pull request or $GITHUB_STEP_SUMMARY
  html         a page to look at, to print, to attach: what holds, in a picture of the deployment
  junit        for CI servers
  json         for scripts, and for `ackcheck report`, which makes the others of it
  github       annotations, in the log of a job of GitHub Actions
  gitlab       code quality, for GitLab's merge requests
  prometheus   metrics for the node exporter's textfile collector: a gauge a case

Comparing:
  --baseline RUN.json      print at the end what is new and what is mended since that saved run; the
                           reports say since when a failure is known, through a chain of baselines

Waivers:
  [[waiver]] in the site file accepts one finding until a day: check, finding, reason, until and,
  where wanted, subject (a glob) and ticket. It is shown with its reason and does not count for the
  exit code, until the end of that day in UTC. What the failure blocks stays blocked, which is 2,
  and what it brings about still fails.

Stopping:
  Ctrl-C, SIGTERM and SIGHUP end the run in order: no more is asked, the reports are written, what
  the run created is removed, and the reports in files are written again with what is left. A
  second signal ends the removal; the reports are on disk by then, and `ackcheck cleanup` removes
  what is left. Under nohup SIGHUP is ignored. SIGQUIT (Ctrl-\\) ends the program at once, without
  reports and without removal.

Examples:
  ackcheck run --site prod.toml --report junit=ackcheck.xml --report json=ackcheck.json
  ackcheck run --only registry/ --skip registry-push='the registry is read-only to us'
  ackcheck run --lab --fault oss-write/denied --fault dss-version/too-old
  ackcheck run --lab --nodes 50 --pod-network flannel

",
    exit_codes!()
);

pub(super) const LIST: &str = "\
Examples:
  ackcheck list                        id, stage and title of each check
  ackcheck list --format json          for scripts, with the findings of each check";

pub(super) const EXPLAIN: &str = "\
Examples:
  ackcheck explain oss-write           the check: what it asks, and every finding it can have
  ackcheck explain oss-write/denied    one finding: why it matters, how to fix it and to confirm it";

pub(super) const GRAPH: &str = "\
A check whose prerequisite fails is blocked: it is not asked, and does not fail by itself.

Examples:
  ackcheck graph
  ackcheck graph --format dot | dot -Tsvg > checks.svg";

pub(super) const RIGHTS: &str = "\
Examples:
  ackcheck rights                                         what is needed, by whom, and for what
  ackcheck rights --format table --only storage/          right by right
  ackcheck rights --format ram --holder LTAI5tExample     the policy of one RAM user
  ackcheck rights --lab                                   for the simulated deployment
  ackcheck rights --format kubernetes --user 27-1600 | kubectl apply -f -

Exits 0 when the rights are printed, 3 on bad usage or configuration, 4 when none is needed.";

pub(super) const INIT: &str = "\
Run it on the DSS host, as the account that DSS runs as. It reads DSS's settings, the kubeconfig
and the ECS metadata, and contacts nothing else. What DSS's settings say is not copied: the file has
from = \"dss\", and each run asks DSS again. Keys and passwords are never written: the file has
comments where to refer to them.

Examples:
  ackcheck init                                           look in the usual places
  ackcheck init --from /data/dataiku --site prod.toml

Exits 0 when the file is written, 3 when it is not.";

pub(super) const LAB: &str = "\
Examples:
  ackcheck lab                                            a deployment in which everything holds
  ackcheck lab --fault oss-write/denied --nodes 5         one that is broken, with five nodes

It listens on loopback alone, keeps its files in a temporary folder, and removes them when it ends.";

pub(super) const CLEANUP: &str = "\
A run that is still going loses its pods to this; --run ID removes only what that run created.
Looks for the labels of runs in the namespace where they work, and in the buckets of the site file
below PREFIX/.ackcheck-RUN/.

Examples:
  ackcheck cleanup --dry-run
  ackcheck cleanup --site prod.toml --run abcdefgh

Exits 0 when nothing is left, 2 when something is or could not be looked for, 3 on bad usage or
configuration, 4 when the site file describes nothing that runs leave things in.";

pub(super) const IMAGE: &str = "\
For clusters that cannot pull from the registry: load the archive on each node, and name the image
with --probe-image. Its name is printed on standard error.

Examples:
  ackcheck image --output probe.tar
  ackcheck image | ctr --namespace k8s.io images import -";

pub(super) const DIAGNOSE: &str = "\
Knows texts of DSS, Spark, Hadoop, OSS, Kubernetes, container runtimes and registries. Plain and
gzipped logs are read, and `kubectl describe`. The same cause in many places is told once; what
follows from another is told below it. Secrets are not repeated.

Examples:
  kubectl logs -n dataiku POD | ackcheck diagnose -
  kubectl describe pods -n dataiku | ackcheck diagnose - jobs/SALES/Build_orders/output.log
  ackcheck diagnose --since 2h                  DSS's own logs, where the site file has them
  ackcheck diagnose --namespace dataiku         events, pods and logs, by the site's kubeconfig
  ackcheck diagnose --prove output.log          and run the checks that prove it
  ackcheck diagnose --report markdown a.log     for a ticket

Ctrl-C ends the reading, and what was recognised until then is printed.

Exits 0 when nothing is recognised, which does not mean that all is well; 1 when a cause is; 3 on
bad usage or when an input cannot be read; 130 when it was stopped. With --prove it exits as the
run does.";

pub(super) const COMPARE: &str = "\
Cases are paired by check and subject. Nodes are expected to come and go: a node that went and one
that came are a pair if all their cases ended alike; of the others only the numbers count. What is
told: new failures, what held and could not be judged now, what is no longer asked, failures with
another finding, those that still fail and what changed in what was seen, warnings, what is mended,
what is newly asked; and first, what changed about the deployment and how it was looked at.

It got worse where
  - a case fails that did not fail before: it passed, had a warning, was not judged or not asked: 1
  - a case that passed or had a warning was asked and could not be judged, or was blocked: 2
  - a case that had been asked was not, and is required, or the later run was stopped early: 2
A failure whose finding changed is told, and is no worse. Neither is a check that did not exist
before, unless it fails. Warnings and waived findings change nothing; where a waiver has ended, the
case fails that did not.

Examples:
  ackcheck compare monday.json tuesday.json
  ackcheck compare before.json after.json --report markdown=\"$GITHUB_STEP_SUMMARY\"
  ssh host cat last.json | ackcheck compare - now.json --report json

Exit codes:
  0    nothing got worse
  1    something fails that did not
  2    something that was judged before was not judged now
  3    bad usage, a file that is not a saved run, or a report could not be written
  1 wins over 2.";

pub(super) const REPORT: &str = "\
FILE is read whole, up to 256 MiB. What comes through a pipe is read for at most a minute.

Examples:
  ackcheck report ackcheck.json                           for people
  ackcheck report ackcheck.json --report html=ackcheck.html
  ackcheck report ackcheck.json --report markdown >> \"$GITHUB_STEP_SUMMARY\"
  ssh host cat ackcheck.json | ackcheck report -

Exits 0 when the reports are written, whatever the run found; 3 if the file is not a saved run or a
report could not be written.";

pub(super) const COMPLETIONS: &str = "\
Example:
  ackcheck completions bash > /etc/bash_completion.d/ackcheck";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use crate::cli::arguments::Arguments;
    use ackcheck_core::report::Format;

    /// Longer lines would be broken where they end, and the next begins in the middle.
    #[test]
    fn help_fits_a_hundred_columns() {
        for command in Arguments::command().get_subcommands() {
            let pages = [command.get_after_help(), command.get_after_long_help()];
            for line in pages.into_iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join("\n").lines() {
                assert!(line.len() <= 100, "{}: {line}", command.get_name());
            }
        }
    }

    /// A format that no help text names is one that nobody finds.
    #[test]
    fn help_names_every_format() {
        for format in Format::ALL {
            assert!(super::RUN.contains(&format!("\n  {:12} ", format.name())), "{format}");
        }
        for name in ["run", "report"] {
            let arguments = Arguments::command();
            let command = arguments.find_subcommand(name).unwrap();
            let option = command.get_arguments().find(|option| option.get_id() == "report").unwrap();
            let help = option.get_help().unwrap().to_string();
            let left_out = Format::ALL.into_iter().find(|format| !help.contains(format.name()));
            assert_eq!(left_out, None, "{name} --report");
        }
    }

    /// Whoever asks for help is shown how a command is used, and told of every option what it does.
    #[test]
    fn every_command_teaches() {
        for command in Arguments::command().get_subcommands().filter(|command| command.get_name() != "probe") {
            let shown = command.get_after_long_help().or_else(|| command.get_after_help());
            let shown = shown.unwrap_or_else(|| panic!("{} says no more", command.get_name())).to_string();
            assert!(shown.contains("Example") && shown.contains("  ackcheck "), "{}: {shown}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{}: {}", command.get_name(), argument.get_id());
            }
        }
    }
}
