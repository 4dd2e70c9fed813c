//! Ports of this machine that listen for seconds, in a thread of their own: one batch of them for one question to a pod.
//! They end with the batch, and at the latest with this process.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ackcheck_probe::listen::{NotOpened, Opened};
use tokio::sync::oneshot;

/// The longest that a batch listens, whatever becomes of who opened it.
const LONGEST: Duration = Duration::from_secs(60);

/// How often ports of an earlier batch are tried that are not free yet, and how long is waited each time.
const TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(25);

/// A batch of ports that listen.
pub(crate) struct Batch {
    /// Those that listen.
    pub(crate) ports: Vec<u16>,
    /// Ports that somebody else uses.
    pub(crate) taken: Vec<u16>,
    /// Ports that the kernel keeps for others.
    pub(crate) denied: Vec<u16>,
    /// Ports that were not tried, because this machine has no more sockets.
    pub(crate) left: Vec<u16>,
    over: Arc<AtomicBool>,
    served: oneshot::Receiver<std::io::Result<Served>>,
}

/// Who called at a batch.
#[derive(Debug)]
pub(crate) struct Served {
    /// The ports that had a caller.
    pub(crate) called: BTreeSet<u16>,
    /// The addresses of the callers.
    pub(crate) callers: Vec<IpAddr>,
    /// It listened to its end, and did not run out of time.
    pub(crate) whole: bool,
}

/// Opens ports. Of those that seem taken, the ones that an earlier batch had are tried again: a command that was started
/// meanwhile holds them until it has become another program.
async fn opened(address: IpAddr, ports: Vec<u16>, earlier: &BTreeSet<u16>) -> Result<Opened, NotOpened> {
    let on = async |ports: Vec<u16>| {
        let opening = tokio::task::spawn_blocking(move || Opened::on(address, ports));
        opening.await.map_err(|error| NotOpened::Broken(error.to_string()))?
    };
    let mut tries = 0;
    loop {
        let opened = on(ports.clone()).await?;
        tries += 1;
        if tries == TRIES || !opened.taken.iter().any(|port| earlier.contains(port)) {
            return Ok(opened);
        }
        drop(opened);
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
}

impl Batch {
    /// Opens those of these ports of an address that are free, and greets every caller with the token from then on. The
    /// run had those of `earlier` open before.
    ///
    /// # Errors
    /// As [`Opened::on`].
    pub(crate) async fn open(
        address: IpAddr,
        ports: Vec<u16>,
        token: String,
        earlier: &BTreeSet<u16>,
    ) -> Result<Batch, NotOpened> {
        let Opened { mut listeners, taken, denied, left } = opened(address, ports, earlier).await?;
        let ports = listeners.ports().collect();
        let (over, (tell, served)) = (Arc::new(AtomicBool::new(false)), oneshot::channel());
        let (ended, until) = (over.clone(), Instant::now() + LONGEST);
        let serve = move || {
            let outcome = listeners.serve(token.as_bytes(), |_| ended.load(Ordering::SeqCst) || Instant::now() > until);
            let served = outcome.map(|()| Served {
                called: listeners.called(),
                callers: listeners.callers(),
                whole: ended.load(Ordering::SeqCst),
            });
            // The ports are free again before anybody hears of it.
            drop(listeners);
            // Who opened it may have gone.
            let _ = tell.send(served);
        };
        let thread = std::thread::Builder::new().name("listening".to_owned()).spawn(serve);
        thread.map_err(|error| NotOpened::Broken(format!("a thread to listen: {error}")))?;
        Ok(Batch { ports, taken, denied, left, over, served })
    }

    /// Ends it and says who called.
    ///
    /// # Errors
    /// If callers could not be waited for.
    pub(crate) async fn close(mut self) -> Result<Served, String> {
        self.over.store(true, Ordering::SeqCst);
        match (&mut self.served).await {
            Ok(served) => served.map_err(|error| error.to_string()),
            Err(_) => Err("the thread that listened ended by itself".to_owned()),
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use ackcheck_probe_protocol::{Greet, Greeting, Ports};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_batch_greets_and_counts_its_callers() {
        let address: IpAddr = "127.0.0.101".parse().unwrap();
        let batch =
            Batch::open(address, (23_000..23_100).collect(), "token".to_owned(), &BTreeSet::new()).await.unwrap();
        let port = batch.ports[0];
        let question = Greet::new(address, vec![Ports::one(port).unwrap()], "token");
        let greeted = tokio::task::spawn_blocking(move || ackcheck_probe::greet::greet(&question)).await.unwrap();
        assert_eq!(greeted.unwrap().each().collect::<Vec<_>>(), [(port, Greeting::Token)]);
        let served = batch.close().await.unwrap();
        assert!(served.whole && served.called == BTreeSet::from([port]), "{served:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_port_of_an_earlier_batch_is_waited_for_and_another_is_not() {
        let address: IpAddr = "127.0.0.102".parse().unwrap();
        let held = std::net::TcpListener::bind((address, 23_000)).unwrap();
        let taken = opened(address, vec![23_000], &BTreeSet::new()).await.unwrap();
        assert_eq!(taken.taken, [23_000]);
        let earlier = BTreeSet::from([23_000]);
        let waiting = opened(address, vec![23_000], &earlier);
        let (opened, ()) = tokio::join!(waiting, async { drop(held) });
        assert!(opened.unwrap().taken.is_empty());
    }
}
