//! What `--help` says behind the options: examples, and what the exit codes mean.

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    everything that was asked holds
  1    something fails
  2    something could not be judged: a right is missing, a service gave no answer
  3    bad usage or configuration
  4    nothing was selected, or nothing applies to this deployment
  130  stopped by Ctrl-C, SIGTERM or --timeout, the reports written
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
  ackcheck run                                        check it
  ackcheck run --stage preflight                      check it before DSS is installed
  ackcheck run --only storage/ --only 'registry-*'    check a part of it, and what that stands on
  ackcheck run --report terminal --report junit=ackcheck.xml
  ackcheck explain oss-write/denied                   what a finding means, and how to mend it

",
    exit_codes!()
);

pub(super) const CLEANUP: &str = "\
A run that is still going loses its pods to this; --run ID removes those of one run alone. Looks
in the namespace where runs work, by their labels, and in the buckets of the site file below
PREFIX/.ackcheck-RUN/.

Exits 0 when nothing is left, 2 when something is, or could not be looked for, 3 on bad usage or
configuration, 4 when the site file describes nothing that runs leave things in.";

pub(super) const RUN: &str = concat!(
    "\
Reports:
  --report FORMAT          to standard output
  --report FORMAT=FILE     to a file, written whole or not at all
  The formats are terminal, junit and json. Several may be given, one of them to standard output.
  Where none goes to standard output, the report for people does.

Examples:
  ackcheck run --site prod.toml --report junit=ackcheck.xml --report json=ackcheck.json
  ackcheck run --only registry/ --skip registry-push='the registry is read-only to us'
  ackcheck run --lab --fault oss-write/denied --fault dss-version/too-old

",
    exit_codes!()
);

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use crate::cli::arguments::Arguments;

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
}
