//! One case asked: its seat opened, its check's function called, and any panic caught and reported.

use std::any::Any;
use std::cell::RefCell;
use std::sync::{Arc, Once};
use std::time::Duration;

use crate::check::{Check, Judge};
use crate::context::Context;
use crate::evidence::Journal;
use crate::seat::Seats;
use crate::subject::Subject;
use crate::verdict::{Broken, Judgement, Outcome, Unseen, Verdict};

tokio::task_local! {
    /// Set while a case is asked; holds where it panicked, once it did.
    static PANICKED_AT: RefCell<Option<String>>;
}

/// Asks one case. `subject` is given for checks that have one case for each of a set.
///
/// Where ackcheck itself was stopped while the case waited, nothing that it says counts: it is asked again, once.
pub(super) async fn ask(
    check: &'static Check,
    subject: Option<Subject>,
    context: Context,
    seats: Arc<dyn Seats>,
    journal: Journal,
) -> Outcome {
    let ask = || ask_once(check, subject.clone(), context.clone(), seats.clone(), journal.clone());
    let outcome = ask().await;
    let Some(stopped) = journal.take_spoilt() else { return outcome };
    let told = format!("{}; asked again", Broken::stopped(stopped));
    journal.note(check.judge.vantage(), check.title, told, Duration::ZERO);
    let outcome = ask().await;
    journal.take_spoilt().map_or(outcome, |stopped| Outcome::Broken(Broken::stopped(stopped)))
}

async fn ask_once(
    check: &'static Check,
    subject: Option<Subject>,
    context: Context,
    seats: Arc<dyn Seats>,
    journal: Journal,
) -> Outcome {
    quieten_panics();
    let asked = std::panic::AssertUnwindSafe(judge(check, subject.as_ref(), &context, &*seats, journal));
    let caught = async {
        let ended = futures_util::FutureExt::catch_unwind(asked).await;
        ended.map_err(|payload| {
            let place = PANICKED_AT.with(|place| place.borrow_mut().take());
            Broken::Internal(panic_text(&*payload, place.as_deref()))
        })
    };
    match PANICKED_AT.scope(RefCell::new(None), caught).await {
        Ok(judgement) => outcome(judgement),
        Err(broken) => Outcome::Broken(broken),
    }
}

async fn judge(
    check: &'static Check,
    subject: Option<&Subject>,
    context: &Context,
    seats: &dyn Seats,
    journal: Journal,
) -> Judgement {
    let one = || {
        let without = || Broken::Internal(format!("{} needs a subject but was not given one", check.id));
        subject.ok_or_else(without)
    };
    match check.judge {
        Judge::Host(judge) => judge(context, &*seats.host(journal)?).await,
        Judge::Dss(judge) => judge(context, &*seats.dss(journal)?).await,
        Judge::Cluster(judge) => judge(context, &*seats.cluster(journal)?).await,
        Judge::Cloud(judge) => judge(context, &*seats.cloud(journal)?).await,
        Judge::Registry(judge) => judge(context, &*seats.registry(journal)?).await,
        Judge::EachNode(judge) => judge(context, &*seats.pod(&one()?.name, journal)?).await,
        Judge::EachNodeOfCluster(judge) | Judge::EachNamespace(judge) => {
            judge(context, &*seats.cluster(journal)?, &one()?.name).await
        }
        Judge::EachConnection(judge) => {
            let (dss, name) = (seats.dss(journal)?, &one()?.name);
            let connections = dss.connections().await?;
            let connection = connections.iter().find(|connection| connection.name == *name);
            let gone = || Unseen::unreadable(format!("the connection {name}"), "DSS does not have it any more");
            judge(context, &*dss, connection.ok_or_else(gone)?).await
        }
        Judge::EachStore(judge) => judge(context, &*seats.store(one()?, journal)?).await,
        Judge::EachRepository(judge) => judge(context, &*seats.registry(journal)?, &one()?.name).await,
    }
}

/// What a check said, as the outcome of its case.
fn outcome(judgement: Judgement) -> Outcome {
    match judgement {
        Ok(verdict) => Outcome::Judged(verdict),
        Err(unseen) => unseen_outcome(unseen),
    }
}

/// The outcome of a case for which nothing could be observed.
pub(super) fn unseen_outcome(unseen: Unseen) -> Outcome {
    match unseen {
        Unseen::NotDescribed(reason) => Outcome::Judged(Verdict::NotApplicable(reason)),
        Unseen::Broken(broken) => Outcome::Broken(broken),
    }
}

fn panic_text(payload: &(dyn Any + Send), place: Option<&str>) -> String {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    match place {
        Some(place) => format!("panicked at {place}: {said}"),
        None => format!("panicked: {said}"),
    }
}

/// Panics of cases go into the report; the default hook would print them in the middle of the terminal's.
fn quieten_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string);
            if PANICKED_AT.try_with(|at| at.replace(place)).is_err() {
                before(info);
            }
        }));
    });
}
