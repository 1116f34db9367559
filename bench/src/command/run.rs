//! `hallpass-bench run`: operations beside their yardsticks.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::target::Target;
use super::write_json;
use crate::measure::{
    Figure, Operation, Order, Plan, Results, beside_bare, beside_peer, beside_sqlite, both_cores,
};
use crate::report;
use crate::server::{Cores, Engine, pin_myself};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hallpass-bench run --quick
  hallpass-bench run --only A,D --connections 64
  hallpass-bench run --cores 2
  hallpass-bench run --beside oidc-provider")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// Only these operations: A, B, C, D, D2 (JWT), E, F, F2 (JWKS), G, H, I, J, K
    #[arg(long, value_name = "LETTERS", value_delimiter = ',', ignore_case = true)]
    only: Vec<Operation>,

    /// A first look: 64 connections, short slices
    #[arg(long)]
    quick: bool,

    /// How many connections [default: 1,8,64,256, or 64 with --quick]
    #[arg(long, value_name = "COUNTS", value_delimiter = ',')]
    connections: Vec<usize>,

    /// How long each is measured; twice as long if the ratio's interval is wide after that
    #[arg(long, value_name = "SECONDS")]
    helping: Option<f64>,

    /// How long a slice takes at least
    #[arg(long, value_name = "SECONDS")]
    slice: Option<f64>,

    /// What Hallpass is held beside
    #[arg(long, value_enum, default_value = "bare")]
    beside: Beside,

    /// 2: Hallpass on both cores beside itself on one (A, D, E, J), whatever --beside says
    #[arg(long, value_enum, default_value = "1")]
    cores: Cores,

    /// The address of an empty PostgreSQL database, instead of the embedded store
    #[arg(long, value_name = "URL")]
    database: Option<String>,

    /// Write what was measured to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Beside {
    /// A server that does nothing but answer the same bytes
    Bare,
    /// Itself on SQLite; needs --database
    Sqlite,
    /// The npm package of that name (A, B, C, D, E)
    OidcProvider,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<()> {
        pin_myself(Cores::Apart)?;
        let machine = report::describe()?;
        println!(
            "{}, {} cores, Linux {}; a sync of the disk takes {:.0} µs",
            machine.processor, machine.cores, machine.kernel, machine.sync_us
        );
        let order = self.order()?;
        // One thread, on a core of its own: it must be cheaper than what it measures.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let figures = runtime.block_on(self.measure(&order))?;
        let results = Results { machine, figures, starts: Vec::new(), held: Vec::new() };
        report::tell(&results);
        write_json(self.json.as_deref(), &results)
    }

    async fn measure(&self, order: &Order) -> anyhow::Result<Vec<Figure>> {
        let tell = |figure: &_| println!("{}", report::line(figure));
        match (self.cores, self.beside) {
            (Cores::Shared, _) => both_cores(order, tell).await,
            (Cores::Apart, Beside::Bare) => beside_bare(order, tell).await,
            (Cores::Apart, Beside::OidcProvider) => beside_peer(order, tell).await,
            (Cores::Apart, Beside::Sqlite) => {
                anyhow::ensure!(!order.engine.is_embedded(), "say on which --database");
                beside_sqlite(order, tell).await
            }
        }
    }

    fn order(&self) -> anyhow::Result<Order> {
        let binary = self.target.binary()?;
        let is_bare = self.beside == Beside::Bare && self.cores == Cores::Apart;
        let mut plan = match self.quick {
            false => Plan::WHOLE,
            true if is_bare => Plan::QUICK,
            // Five minutes are not long enough for a second helping of everything.
            true => Plan::QUICK.once(),
        };
        plan.helping = self.helping.map_or(plan.helping, Duration::from_secs_f64);
        plan.slice = self.slice.map_or(plan.slice, Duration::from_secs_f64);
        let connections = match (self.connections.is_empty(), self.quick) {
            (false, _) => self.connections.clone(),
            (true, true) => vec![64],
            (true, false) => vec![1, 8, 64, 256],
        };
        let operations = match self.only.is_empty() {
            false => self.only.clone(),
            true => Operation::value_variants().to_vec(),
        };
        let engine = match &self.database {
            None => Engine::embedded(&binary),
            Some(url) => Engine::postgres(&binary, url)?,
        };
        Ok(Order { engine, operations, connections, plan })
    }
}
