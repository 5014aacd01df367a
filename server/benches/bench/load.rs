//! A light HTTP/1.1 client that keeps its connections, and two ways to use it: as fast as answers come, or at a rate.
//! It runs in a thread of its own, so that it does not hold up the server it measures.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, ServiceExt, body::Bytes, extract::Request, http::header, response::Response, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::Service;

use crate::Outcome;

/// What came of it.
pub struct Load {
    pub per_second: f64,
    /// Milliseconds, ascending.
    times: Vec<f64>,
}

impl Load {
    pub fn percentile(&self, percent: usize) -> f64 {
        percentile(&self.times, percent)
    }
}

/// By nearest rank; `times` ascend.
pub fn percentile(times: &[f64], percent: usize) -> f64 {
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// The path of the n-th request.
pub type Paths = Arc<dyn Fn(usize) -> String + Send + Sync>;

pub fn always(path: &str) -> Paths {
    let path = path.to_owned();
    Arc::new(move |_| path.clone())
}

/// Serves a router on a free loopback port until the process ends.
pub async fn serve<S>(service: S) -> Outcome<SocketAddr>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok(address)
}

/// axum alone with a fixed body: what there is to reach.
pub async fn serve_fixed(kind: &'static str, body: Bytes) -> Outcome<SocketAddr> {
    let answer = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, kind)], body) }
    };
    serve(Router::new().route("/", get(answer))).await
}

/// As many requests as `clients` get answered, each asking again at once.
pub async fn flood(address: SocketAddr, clients: usize, time: Duration, paths: Paths) -> Outcome<Load> {
    elsewhere(move || async move {
        let (next, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
        let tasks = (0..clients).map(|_| {
            let (next, paths) = (Arc::clone(&next), Arc::clone(&paths));
            async move {
                let (mut client, mut times) = (Client::connect(address).await?, Vec::new());
                while begun.elapsed() < time {
                    let path = paths(next.fetch_add(1, Ordering::Relaxed));
                    let asked = Instant::now();
                    client.ok(&path).await?;
                    times.push(millis(asked));
                }
                Outcome::Ok(times)
            }
        });
        gathered(futures::future::try_join_all(tasks).await?, begun)
    })
    .await
}

/// Requests at a rate, over 16 connections. A time counts from when the request was due, so that a stall is not hidden.
pub async fn pace(address: SocketAddr, per_second: f64, time: Duration, paths: Paths) -> Outcome<Load> {
    elsewhere(move || async move {
        let (next, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
        let tasks = (0..16).map(|_| {
            let (next, paths) = (Arc::clone(&next), Arc::clone(&paths));
            async move {
                let (mut client, mut times) = (Client::connect(address).await?, Vec::new());
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let due = begun + Duration::from_secs_f64(n as f64 / per_second);
                    if due > begun + time {
                        return Outcome::Ok(times);
                    }
                    tokio::time::sleep_until(due.into()).await;
                    client.ok(&paths(n)).await?;
                    times.push(millis(due));
                }
            }
        });
        gathered(futures::future::try_join_all(tasks).await?, begun)
    })
    .await
}

fn gathered(times: Vec<Vec<f64>>, begun: Instant) -> Outcome<Load> {
    let seconds = begun.elapsed().as_secs_f64();
    let mut times = times.concat();
    times.sort_by(f64::total_cmp);
    Ok(Load { per_second: times.len() as f64 / seconds, times })
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Runs the client in a thread and a runtime of its own.
async fn elsewhere<T, F, Fut>(work: F) -> Outcome<T>
where
    T: Send + 'static,
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Outcome<T>>,
{
    let thread = move || tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work());
    tokio::task::spawn_blocking(thread).await?
}

/// One connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, as long as the next one has not come.
pub struct Answer<'a> {
    pub status: u16,
    pub location: Option<String>,
    pub body: &'a [u8],
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// The body, which must come with 200. What only some servers want to hear is told to all.
    pub async fn ok(&mut self, path: &str) -> Outcome<&[u8]> {
        let answer = self.ask("GET", path, "X-Requested-With: XMLHttpRequest\r\n", "").await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(format!("{path} answered {}", answer.status).into()) }
    }

    /// `headers` end with a line break each.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Outcome<Answer<'_>> {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n{body}");
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let (head, status, length, location) = loop {
            self.more().await?;
            if let Some(found) = parsed(&self.buffer)? {
                break found;
            }
        };
        match length {
            // Nothing follows "no content", and no header says so.
            _ if status == 204 => {}
            Some(length) => {
                while self.buffer.len() < head + length {
                    self.more().await?;
                }
            }
            // Chunked: the last chunk is empty.
            None => {
                while !self.buffer[head..].ends_with(b"0\r\n\r\n") {
                    self.more().await?;
                }
            }
        }
        Ok(Answer { status, location, body: &self.buffer[head..] })
    }

    async fn more(&mut self) -> Outcome {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}

/// Length of the head, status, `Content-Length`, `Location`.
type Head = (usize, u16, Option<usize>, Option<String>);

/// `None` while the head is not whole.
fn parsed(text: &[u8]) -> Outcome<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(text)? else { return Ok(None) };
    let field = |name: &str| {
        let found = response.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
        found.and_then(|h| std::str::from_utf8(h.value).ok())
    };
    let length = field("content-length").and_then(|l| l.parse().ok());
    let location = field("location").map(str::to_owned);
    Ok(Some((head, response.code.ok_or("not HTTP")?, length, location)))
}
