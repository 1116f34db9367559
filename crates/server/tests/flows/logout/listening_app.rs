//! An app that listens for logout tokens.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// See the module. It answers with its statuses, one after the other, and the last for ever.
pub(super) struct ListeningApp {
    port: u16,
    told: UnboundedReceiver<String>,
    serving: JoinHandle<()>,
}

impl ListeningApp {
    pub(super) async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, told) = unbounded_channel();
        let serving = tokio::spawn(serve(listener, statuses, tell));
        Self { port, told, serving }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/told", self.port)
    }

    /// The next logout token that it was sent or will be.
    pub(super) async fn next(&mut self) -> String {
        self.told.recv().await.unwrap()
    }

    /// How many tokens it was sent and has not looked at.
    pub(super) fn unread(&mut self) -> usize {
        std::iter::from_fn(|| self.told.try_recv().ok()).count()
    }
}

impl Drop for ListeningApp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, statuses: &'static [u16], tell: UnboundedSender<String>) {
    for number in 0.. {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /told HTTP/1.1\r\n"), "{head}");
        let _ = tell.send(body.strip_prefix("logout_token=").unwrap().to_owned());
        let status = statuses.get(number).or(statuses.last()).unwrap();
        let answer = format!("HTTP/1.1 {status} Told\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
            });
            if Some(body.len()) == length {
                return text;
            }
        }
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "it broke off: {text}");
    }
}
