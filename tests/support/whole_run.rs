//! A run of the catalogue, or of a selection of it, on a lab of its own.

use std::sync::{Arc, OnceLock};

use ackcheck_core::catalogue::Selection;
use ackcheck_core::config::Config;
use ackcheck_core::record::{Event, Report};
use ackcheck_core::report::{self, Format};
use ackcheck_core::run;
use ackcheck_lab::LabOptions;
use ackcheck_live::LiveSeats;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::canary::secret_free;
use super::lab;

/// Starts a lab, runs the selected checks on it to their end, and looks for secrets in everything that comes out.
pub(crate) fn run_on(options: &LabOptions, selection: &Selection) -> Result<Report, String> {
    run_on_edited(options, selection, None)
}

/// What a test changes of the site file that the lab wrote.
pub(crate) type Edit = fn(&mut Config);

/// The same with something of the lab's site file changed.
pub(crate) fn run_on_edited(options: &LabOptions, selection: &Selection, edit: Option<Edit>) -> Result<Report, String> {
    runtime().block_on(async {
        let plan = selection.plan(&ackcheck_checks::CATALOGUE).map_err(|error| error.to_string())?;
        let site = lab::open(options).await?;
        let (mut config, mut seats) = (site.config.clone(), site.seats.clone());
        if let Some(edit) = edit {
            edit(Arc::make_mut(&mut config));
            let opened = LiveSeats::open(config.clone(), site.scrubber.clone(), "editedaa");
            seats = Arc::new(opened.map_err(|broken| broken.to_string())?);
        }
        let options = run::Options {
            facts: site.facts().await,
            ..run::Options::new(config, site.scrubber.clone(), jiff::Timestamp::now)
        };
        let (watch, mut told) = mpsc::unbounded_channel();
        let report = run::run(&plan, seats, options, watch, CancellationToken::new()).await;
        let mut events: Vec<Event> = Vec::new();
        while let Ok(event) = told.try_recv() {
            events.push(event);
        }
        secret_free("the report's debug output", &format!("{report:?}"))?;
        secret_free("the events' debug output", &format!("{events:?}"))?;
        for format in Format::ALL {
            secret_free(format.name(), &report::render(format, &report, report::Options::default()))?;
        }
        Ok(report)
    })
}

/// One for all tests of this process: their labs share its threads.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime"))
}
