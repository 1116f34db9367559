//! Two nodes, the way of each to the database, and nginx in front of them. Everything ends with it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::app::APPS;
use crate::schema::Schema;
use crate::support::{Answer, Browser, Program, Workshop, taken_port};
use crate::way::Way;

const SAMPLE: &str = include_str!("../../../../packaging/nginx/two-nodes.conf");

/// The sample inside of what a test needs: one process that leaves nothing outside its directory, and says
/// with each answer which node gave it.
const AROUND: &str = "\
daemon off; master_process off; pid nginx.pid; error_log stderr notice;
events {}
http {
    add_header X-Node $upstream_addr always;
    access_log off; client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include hallpass.conf;
}
";

/// What both nodes are given; the database is empty before the first.
const MASTER_KEY: &str = "mQ7vN0kZ3sYp1bXc5dRf8gThJ2lWnVu4oAi6eEyCx-M";

/// How long a test looks for what must come. It is for a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// See the module.
pub(crate) struct Site {
    pub(crate) nodes: [Node; 2],
    /// Where nginx listens.
    pub(crate) address: SocketAddr,
    _nginx: Nginx,
    workshop: Workshop,
    _schema: Schema,
}

/// One node.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) way: Way,
    url: String,
    program: Option<Program>,
}

impl Site {
    pub(crate) fn open() -> Self {
        let (workshop, schema) = (Workshop::new(), Schema::new());
        workshop.write("apps.toml", APPS);
        let nodes = [(); 2].map(|()| Node::start(&workshop, &schema));
        let (nginx, address) = Nginx::start(&workshop, [nodes[0].address, nodes[1].address]);
        Self { nodes, address, _nginx: nginx, workshop, _schema: schema }
    }

    /// A browser that goes through nginx.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// Starts a node again that has ended, where it was, and waits until the proxy sends it requests.
    pub(crate) fn start_again(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let listen = node.address.to_string();
        node.program = Some(program(&self.workshop, &listen, &node.url).0);
        until(|| {
            let answer = Browser::at(self.address).get("/");
            answer.headers("x-node").any(|of| of == listen).then_some(())
        });
    }
}

impl Node {
    fn start(workshop: &Workshop, schema: &Schema) -> Self {
        let way = Way::open();
        let url = schema.url(way.port);
        let (program, address) = program(workshop, "127.0.0.1:0", &url);
        Self { address, way, url, program: Some(program) }
    }

    /// Ends it by this signal.
    pub(crate) fn stop(&mut self, signal: &str) {
        self.program.take().unwrap().stop(signal);
    }

    /// A browser that goes to this node alone.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// Asks for a page until the answer is as wanted.
    pub(crate) fn wait_for(&self, path: &str, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
        until(|| Some(self.browser().get(path)).filter(&is_wanted))
    }
}

/// Tries until something comes of it.
pub(crate) fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "it never came");
    }
}

fn program(workshop: &Workshop, listen: &str, url: &str) -> (Program, SocketAddr) {
    let (apps, data) = (workshop.text("apps.toml"), workshop.text("data"));
    let mut arguments = vec!["serve", "--listen", listen, "--hashing-threads", "1"];
    arguments.extend(["--public-url", "https://accounts.example"]);
    arguments.extend(["--data", &data, "--apps", &apps]);
    let variables = [("HALLPASS_DATABASE", url), ("HALLPASS_MASTER_KEY", MASTER_KEY)];
    let mut program = workshop.start(&arguments, &variables);
    let address = program.listening();
    (program, address)
}

/// nginx with the sample. Of a test that failed it tells what it logged.
struct Nginx {
    process: Child,
    log: Arc<Mutex<String>>,
}

impl Nginx {
    /// Starts it on a port that is free; somebody else may be faster, so perhaps on the next.
    fn start(workshop: &Workshop, nodes: [SocketAddr; 2]) -> (Self, SocketAddr) {
        until(|| {
            let (listener, port) = taken_port();
            drop(listener);
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            Self::try_start(workshop, nodes, address).map(|nginx| (nginx, address))
        })
    }

    fn try_start(workshop: &Workshop, nodes: [SocketAddr; 2], at: SocketAddr) -> Option<Self> {
        let mut sample = SAMPLE.to_owned();
        for (written, meant) in [
            ("server 127.0.0.1:8081", format!("server {}", nodes[0])),
            ("server 127.0.0.1:8082", format!("server {}", nodes[1])),
            ("127.0.0.1:8443", at.to_string()),
        ] {
            assert_eq!(sample.matches(written).count(), 1, "{written} in the sample");
            sample = sample.replace(written, &meant);
        }
        workshop.write("hallpass.conf", &sample);
        workshop.write("nginx.conf", AROUND);
        // Debian keeps it where only root's PATH leads.
        let paths = ["/usr/sbin/nginx", "nginx"];
        let program = paths.into_iter().find(|path| Path::new(path).exists()).unwrap_or("nginx");
        let mut process = Command::new(program)
            .args(["-e", "stderr", "-c", "nginx.conf", "-p", &workshop.text("")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nginx is missing: scripts/test installs it");
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        // Said once the sockets are open.
        while !said.contains("event method") {
            if log.read_line(&mut said).unwrap() == 0 {
                assert!(said.contains("Address already in use"), "nginx did not start: {said}");
                process.wait().unwrap();
                return None;
            }
        }
        let kept = Arc::new(Mutex::new(said));
        let writer = Arc::clone(&kept);
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                writer.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Some(Self { process, log: kept })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            println!("nginx:\n{}", self.log.lock().unwrap());
        }
    }
}
