//! Against a server of our own that says whatever a test wants.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

/// Answers each request with what `answer` makes of its head, and keeps the heads.
struct Server {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    let mut buffer = [0; 4096];
                    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                        match stream.read(&mut buffer).await {
                            Ok(0) | Err(_) => return,
                            Ok(read) => head.extend_from_slice(&buffer[..read]),
                        }
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    kept.lock().unwrap().push(head.clone());
                    stream.write_all(&answer(&head)).await.ok();
                    stream.shutdown().await.ok();
                });
            }
        });
        Self { url, heads }
    }

    fn heads(&self) -> Vec<String> {
        std::mem::take(&mut *self.heads.lock().unwrap())
    }
}

fn says(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn reader(private: bool) -> HttpCalendars {
    HttpCalendars::new(private, Duration::from_secs(5)).unwrap()
}

fn body_of(fetched: Result<Fetched, FetchError>) -> (String, Option<String>) {
    match fetched {
        Ok(Fetched::Body { bytes, etag }) => (String::from_utf8(bytes).unwrap(), etag),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_feed_is_read_and_not_again_while_it_stays_the_same() {
    let server = Server::new(|head| match head.to_lowercase().contains("if-none-match: \"one\"") {
        true => says("304 Not Modified", "", ""),
        false => says("200 OK", "ETag: \"one\"\r\nContent-Type: text/calendar\r\n", CALENDAR),
    })
    .await;
    let url = format!("{}/a.ics", server.url);
    let (body, etag) = body_of(reader(true).fetch(&url, None, None).await);
    assert_eq!((body.as_str(), etag.as_deref()), (CALENDAR, Some("\"one\"")));
    assert_eq!(reader(true).fetch(&url, None, etag.as_deref()).await, Ok(Fetched::NotModified));
    let (body, _) = body_of(reader(true).fetch(&url, None, Some("\"other\"")).await);
    assert_eq!(body, CALENDAR);
}

#[tokio::test]
async fn a_private_server_is_not_asked_unless_the_configuration_says_so() {
    let server = Server::new(|_| says("200 OK", "", CALENDAR)).await;
    let port = server.url.rsplit_once(':').unwrap().1.to_owned();
    for url in [
        server.url.clone(),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("webcal://[::1]:{port}/"),
    ] {
        let refused = reader(false).fetch(&url, None, None).await;
        assert!(matches!(refused, Err(FetchError::NotAllowed(_))), "{url} {refused:?}");
    }
    // A name whose address is looked up on the way.
    let named = reader(false).fetch(&format!("https://localhost.localdomain:{port}/"), None, None).await;
    assert!(matches!(named, Err(FetchError::NotAllowed(_) | FetchError::Unreachable(_))), "{named:?}");
    assert_eq!(server.heads(), Vec::<String>::new(), "nobody was there");
}

#[test]
fn a_machine_without_certificates_of_its_own_has_the_usual_ones() {
    rustls::crypto::ring::default_provider().install_default().ok();
    assert!(HttpCalendars::client(false, Duration::from_secs(1), Some(usual_roots())).is_ok());
}

#[tokio::test]
async fn redirects_are_looked_at_and_few() {
    let server = Server::new(|head| {
        let path = head.split_whitespace().nth(1).unwrap();
        match path {
            "/end" => says("200 OK", "", CALENDAR),
            "/once" => says("302 Found", "Location: /end\r\n", ""),
            "/file" => says("302 Found", "Location: file:///etc/passwd\r\n", ""),
            "/ftp" => says("302 Found", "Location: ftp://example.com/\r\n", ""),
            "/nowhere" => says("302 Found", "", "no place"),
            _ => says("302 Found", "Location: /round\r\n", ""),
        }
    })
    .await;
    let ask = |path: &str| {
        let url = format!("{}{path}", server.url);
        async move { reader(true).fetch(&url, Some(("user", "secret")), None).await }
    };
    assert_eq!(body_of(ask("/once").await).0, CALENDAR);
    for path in ["/file", "/ftp"] {
        assert!(matches!(ask(path).await, Err(FetchError::NotAllowed(_))), "{path}");
    }
    assert_eq!(ask("/nowhere").await, Err(FetchError::Refused(302)));
    server.heads();
    assert!(matches!(ask("/round").await, Err(FetchError::Unreachable(_))));
    assert_eq!(server.heads().len(), 4);
}

#[tokio::test]
async fn the_password_goes_to_its_own_host_only() {
    let other = Server::new(|_| says("200 OK", "", CALENDAR)).await;
    let location = format!("Location: {}/stolen\r\n", other.url);
    let server = Server::new(move |_| says("301 Moved", &location, "")).await;
    let (body, _) = body_of(reader(true).fetch(&server.url, Some(("desk", "secret")), None).await);
    assert_eq!(body, CALENDAR);
    assert!(server.heads()[0].to_lowercase().contains("authorization: basic zgvzazpzzwnyzxq="));
    assert!(!other.heads()[0].to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn what_the_server_says_is_said() {
    for status in [401_u16, 403, 404, 410, 500, 503] {
        let server = Server::new(move |_| says(&format!("{status} No"), "", "no")).await;
        assert_eq!(reader(true).fetch(&server.url, None, None).await, Err(FetchError::Refused(status)));
    }
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = reader(true).fetch(&format!("http://{gone}/"), None, None).await;
    assert_eq!(nobody, Err(FetchError::Unreachable("nobody answers there".to_owned())));
    let page = Server::new(|_| says("200 OK", "Content-Type: text/html\r\n", "<html></html>")).await;
    assert_eq!(body_of(reader(true).fetch(&page.url, None, None).await).0, "<html></html>", "for the reader to name");
}

#[tokio::test]
async fn an_answer_has_a_size_and_a_time() {
    let huge = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{CALENDAR}", MOST_BYTES + 1).into_bytes();
    let server = Server::new(move |_| huge.clone()).await;
    assert_eq!(reader(true).fetch(&server.url, None, None).await, Err(FetchError::TooLarge));
    // One that does not say how much it is.
    let endless = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec(), vec![b'x'; MOST_BYTES + 1]].concat();
    let server = Server::new(move |_| endless.clone()).await;
    assert_eq!(reader(true).fetch(&server.url, None, None).await, Err(FetchError::TooLarge));
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{CALENDAR}").into_bytes();
    let server = Server::new(move |_| cut.clone()).await;
    assert!(matches!(reader(true).fetch(&server.url, None, None).await, Err(FetchError::Unreachable(_))));
    // One that is taken and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let impatient = HttpCalendars::new(true, Duration::from_millis(200)).unwrap();
    assert_eq!(impatient.fetch(&url, None, None).await, Err(FetchError::Timeout));
}

#[tokio::test]
async fn a_collection_is_asked_by_report_when_get_gives_no_calendar() {
    for get in ["405 Method Not Allowed", "501 Not Implemented", "200 OK"] {
        let server = Server::new(move |head| {
            let answer = "<d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><d:response><d:propstat>\
                <d:prop><c:calendar-data>BEGIN:VCALENDAR\nEND:VCALENDAR</c:calendar-data></d:prop></d:propstat></d:response></d:multistatus>";
            match head.starts_with("REPORT ") {
                true => says("207 Multi-Status", "", answer),
                false => says(get, "Content-Type: text/html\r\n", "<html></html>"),
            }
        })
        .await;
        let (body, etag) = body_of(reader(true).fetch(&server.url, Some(("a", "b")), None).await);
        assert_eq!(body, "BEGIN:VCALENDAR\nEND:VCALENDAR\r\n", "{get}");
        let heads = server.heads();
        assert!(heads[1].to_lowercase().contains("depth: 1") && heads[1].to_lowercase().contains("authorization:"));
        assert_eq!(reader(true).fetch(&server.url, None, etag.as_deref()).await, Ok(Fetched::NotModified), "{get}");
    }
}
