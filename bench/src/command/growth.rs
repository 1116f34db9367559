//! `hallpass-bench growth`: the cost of a request among many.

use std::path::PathBuf;

use clap::{Args, ValueEnum as _};

use super::target::Target;
use super::write_json;
use crate::measure::{
    Databases, Operation, Order, Plan, Results, Sizes, growth, idle_memory, starts,
};
use crate::report;
use crate::seed::Population;
use crate::server::{Cores, Engine, pin_myself};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// Only these operations: A, B, D, H
    #[arg(long, value_name = "LETTERS", value_delimiter = ',', ignore_case = true)]
    only: Vec<Operation>,

    /// Without the largest database, which takes minutes and 6 GB
    #[arg(long)]
    quick: bool,

    /// Keep the databases here, for the next time [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    databases: Option<PathBuf>,

    /// Write what was measured to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

const FEW: Population = Population { sessions: 1_000, apps: 10 };
const MANY: Population = Population { sessions: 100_000, apps: 10 };
const MANY_APPS: Population = Population { sessions: 100_000, apps: 100_000 };
const MILLION: Population = Population { sessions: 1_000_000, apps: 10 };
const MOST: Population = Population { sessions: 10_000_000, apps: 10 };

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<()> {
        pin_myself(Cores::Apart)?;
        let machine = report::describe()?;
        let temporary = tempfile::Builder::new().prefix("hallpass-bench-").tempdir()?;
        let directory = self.databases.as_deref().unwrap_or(temporary.path()).to_owned();
        std::fs::create_dir_all(&directory)?;
        let databases = Databases { directory };
        let plan = match self.quick {
            true => Plan::QUICK.once(),
            false => Plan::WHOLE,
        };
        let order = Order {
            engine: Engine::embedded(&self.target.binary()?),
            operations: match self.only.is_empty() {
                false => self.only.clone(),
                true => Operation::value_variants().to_vec(),
            },
            connections: Vec::new(),
            plan,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let results = runtime.block_on(async {
            let mut pairs = vec![
                Sizes { larger: MANY, smaller: FEW },
                Sizes { larger: MANY_APPS, smaller: MANY },
            ];
            let mut sizes = vec![FEW, MANY];
            if !self.quick {
                pairs.push(Sizes { larger: MOST, smaller: FEW });
                sizes.extend([MILLION, MOST]);
            }
            let tell = |figure: &_| println!("{}", report::line(figure));
            let figures = growth(&order, &databases, &pairs, tell).await?;
            let held = idle_memory(&order).await?;
            let mut results = Results { machine, figures, starts: Vec::new(), held };
            for population in sizes {
                results.starts.push(starts(&order, &databases, population).await?);
            }
            anyhow::Ok(results)
        })?;
        report::tell(&results);
        write_json(self.json.as_deref(), &results)
    }
}
