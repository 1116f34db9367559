//! The binary as a process, and the directory that a test gives it.

use std::io::{BufRead as _, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// How long a program may be silent before the test gives it up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory of the test's own, in which the program runs and makes its temporary files.
pub(crate) struct Workshop {
    directory: TempDir,
}

/// A hallpass that runs.
pub(crate) struct Program {
    child: Child,
    /// Its standard output.
    pub(crate) output: Lines,
    /// Its standard error, where the log goes.
    pub(crate) log: Lines,
}

/// A hallpass that has ended.
pub(crate) struct Ended {
    /// Its exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) log: String,
}

/// What a program writes, line by line.
pub(crate) struct Lines {
    receiver: Receiver<String>,
    seen: String,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The path as an argument.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.text(name)
    }

    /// The names of what lies in a directory of the workshop, in order.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        names(&self.path(name))
    }

    /// All files in a directory: names, modes and content, to see that nothing was changed.
    pub(crate) fn picture(&self, name: &str) -> Vec<(String, u32, Vec<u8>)> {
        let directory = self.path(name);
        let picture = |name: String| {
            let path = directory.join(&name);
            (name, mode(&path), std::fs::read(&path).unwrap())
        };
        let files = names(&directory).into_iter().filter(|name| directory.join(name).is_file());
        files.map(picture).collect()
    }

    /// Permission bits of a file or directory.
    pub(crate) fn mode(&self, name: &str) -> u32 {
        mode(&self.path(name))
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.path(name), PermissionsExt::from_mode(mode)).unwrap();
    }

    /// Starts `hallpass` with these arguments and an environment of nothing else than `variables`.
    pub(crate) fn start(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hallpass"))
            .args(arguments)
            .env_clear()
            .env("TMPDIR", self.directory.path())
            .envs(variables.iter().copied())
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Lines::of(child.stdout.take().unwrap());
        let log = Lines::of(child.stderr.take().unwrap());
        Program { child, output, log }
    }

    /// Runs `hallpass` to its end.
    pub(crate) fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
        self.start(arguments, variables).end()
    }

    /// Starts `hallpass serve` on a free port, in the directory `data`, and waits until it listens.
    pub(crate) fn serve(&self, more: &[&str], variables: &[(&str, &str)]) -> (Program, SocketAddr) {
        let data = self.text("data");
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--data", &data];
        arguments.extend(more);
        let mut program = self.start(&arguments, variables);
        let address = program.listening();
        (program, address)
    }

    /// Runs `hallpass serve` in the directory `data`, where it is expected to refuse to start.
    pub(crate) fn refused(&self, more: &[&str], variables: &[(&str, &str)]) -> Ended {
        let data = self.text("data");
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--data", &data];
        arguments.extend(more);
        self.run(&arguments, variables)
    }

    /// An installation in the directory `data` that was started once and has ended. It is made once and
    /// copied then: making an RSA key takes longer than most of what is done with it.
    pub(crate) fn installed() -> Self {
        static FILES: OnceLock<Vec<(String, u32, Vec<u8>)>> = OnceLock::new();
        let files = FILES.get_or_init(|| {
            let workshop = Self::new();
            let (program, _) = workshop.serve(&[], &[]);
            assert_eq!(program.stop("TERM").code, Some(0));
            workshop.picture("data")
        });
        let workshop = Self::new();
        std::fs::create_dir(workshop.path("data")).unwrap();
        workshop.set_mode("data", 0o700);
        for (name, mode, content) in files {
            let name = format!("data/{name}");
            std::fs::write(workshop.path(&name), content).unwrap();
            workshop.set_mode(&name, *mode);
        }
        workshop
    }
}

impl Program {
    /// The address in the line that says where it listens.
    pub(crate) fn listening(&mut self) -> SocketAddr {
        let line = self.log.until("listening on http://");
        let (_, rest) = line.split_once("listening on http://").unwrap();
        rest.split(',').next().unwrap().parse().unwrap()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success(), "{signal} could not be sent");
    }

    /// Sends the signal and waits for the end.
    pub(crate) fn stop(self, signal: &str) -> Ended {
        self.signal(signal);
        self.end()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        let output = self.output.rest();
        let log = self.log.rest();
        let code = self.child.wait().unwrap().code();
        Ended { code, output, log }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Says that it ended with `code`, and said all of `parts` and no word of a panic.
    #[track_caller]
    pub(crate) fn said(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.log);
        for part in parts {
            assert!(self.log.contains(part), "{part:?} is not in:\n{}", self.log);
        }
        assert!(!self.log.contains("panicked"), "{}", self.log);
    }
}

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { receiver, seen: String::new() }
    }

    /// The next line, or `None` at the end.
    pub(crate) fn next(&mut self) -> Option<String> {
        match self.receiver.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.seen.push_str(&line);
                self.seen.push('\n');
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came after:\n{}", self.seen),
        }
    }

    /// The next line that contains `part`.
    pub(crate) fn until(&mut self, part: &str) -> String {
        loop {
            match self.next() {
                Some(line) if line.contains(part) => return line,
                Some(_) => {}
                None => panic!("{part:?} never came:\n{}", self.seen),
            }
        }
    }

    /// Everything that was written, once the program has closed it.
    fn rest(&mut self) -> String {
        while self.next().is_some() {}
        std::mem::take(&mut self.seen)
    }
}

/// A port that somebody else listens on.
pub(crate) fn taken_port() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
