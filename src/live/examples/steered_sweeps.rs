//! Sweeps an address from several network namespaces at once, at the pace that the table of connections of the namespace
//! which this program runs in has room for: `steered_sweeps PROGRAM ADDRESS PORTS NAMESPACE...`. Prints a line of JSON for each
//! sweep, and last the most entries that the table held. `ci/sweep` looks at who else opens connections meanwhile.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ackcheck_live::pod::head_room::{HeadRoom, Rate, Table};
use ackcheck_probe_protocol::{ASK, AnyQuestion, Ports, Sweep};

const EVERY: Duration = Duration::from_secs(1);
/// For all sweeps.
const AT_MOST: u32 = 600;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [program, address, ports, namespaces @ ..] = words.as_slice() else { return Err("wrong arguments".into()) };
    let ports: Ports = ports.parse()?;
    let mut room = HeadRoom::new(None);
    let mut most = 0;
    let sweeps = u32::try_from(namespaces.len())?.max(1);
    let share = |rate: Rate| rate.unwrap_or(u32::MAX) / sweeps;
    let mut looked = Instant::now();
    let mut rate = share(room.rate(looked, table(&mut most)?));
    let mut children = Vec::new();
    for namespace in namespaces {
        let question = Sweep { rate: Some(rate), steered: true, ..Sweep::new(address.parse()?, ports) };
        children.push(begin(namespace, program, &question.into())?);
    }
    for _ in 0..AT_MOST {
        std::thread::sleep(EVERY);
        let now = Instant::now();
        let passed = now.saturating_duration_since(looked).as_secs() + 1;
        looked = now;
        room.allowed(now, u64::from(rate) * u64::from(sweeps) * passed);
        rate = share(room.rate(now, table(&mut most)?));
        let mut left = 0;
        for child in &mut children {
            if child.try_wait()?.is_none() {
                left += 1;
                // It may have ended by now.
                let _ = child.stdin.as_mut().map(|input| writeln!(input, "{rate}"));
            }
        }
        if left == 0 {
            break;
        }
    }
    for mut child in children {
        child.kill()?;
        let mut said = String::new();
        child.stdout.take().ok_or("no output")?.read_to_string(&mut said)?;
        child.wait()?;
        writeln!(std::io::stdout(), "{}", said.trim())?;
    }
    writeln!(std::io::stdout(), "{most}")?;
    Ok(())
}

fn begin(namespace: &str, program: &str, question: &AnyQuestion) -> Result<Child, Box<dyn Error>> {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace, program, "probe", ASK]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let input = child.stdin.as_mut().ok_or("no input")?;
    writeln!(input, "{}", serde_json::to_string(question)?)?;
    Ok(child)
}

fn table(most: &mut u64) -> Result<Table, Box<dyn Error>> {
    let number = |name| -> Result<u64, Box<dyn Error>> {
        Ok(std::fs::read_to_string(format!("/proc/sys/net/netfilter/nf_conntrack_{name}"))?.trim().parse()?)
    };
    let count = number("count")?;
    *most = (*most).max(count);
    Ok(Table::Entries { count, size: number("max")? })
}
