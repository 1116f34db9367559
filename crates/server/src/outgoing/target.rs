//! Which addresses may be asked at all.

use std::net::IpAddr;

use url::{Host, Url};

use super::OutgoingProblem;
use super::place::{Place, Reach};

/// An address that may be asked, as far as its text tells.
pub(super) struct Target {
    url: Url,
    host: Host<String>,
}

/// Where this service is itself: asking it would make it wait for itself.
pub(super) struct OwnAddress(Option<(Host<String>, u16)>);

impl OwnAddress {
    pub(super) fn of(issuer: &str) -> Self {
        Self(Url::parse(issuer).ok().and_then(|url| host_and_port(&url)))
    }

    /// This machine has many names: of those only the port tells who is meant.
    fn is(&self, host: &Host<String>, port: u16) -> bool {
        let Some((own, own_port)) = &self.0 else { return false };
        port == *own_port && (host == own || (is_here(host) && is_here(own)))
    }
}

impl Target {
    /// Judges an address: https, or http to this machine where that may be asked; a port, no user name, no
    /// inner network, and not this service.
    pub(super) fn parse(
        address: &str,
        reach: Reach,
        own: &OwnAddress,
    ) -> Result<Self, OutgoingProblem> {
        let url = Url::parse(address).map_err(|_| OutgoingProblem::Address)?;
        let (host, port) = host_and_port(&url).ok_or(OutgoingProblem::Address)?;
        let is_in_clear = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(OutgoingProblem::Address),
        };
        if port == 0 || !url.username().is_empty() || url.password().is_some() {
            return Err(OutgoingProblem::Address);
        }
        if is_in_clear && !(is_here(&host) && reach != Reach::Public) {
            return Err(OutgoingProblem::Address);
        }
        if own.is(&host, port) {
            return Err(OutgoingProblem::Own);
        }
        // A name is judged when it has become addresses.
        if ip(&host).is_some_and(|ip| !reach.covers(ip)) {
            return Err(OutgoingProblem::Inner);
        }
        Ok(Self { url, host })
    }

    pub(super) fn host(&self) -> String {
        self.host.to_string()
    }

    pub(super) fn into_url(self) -> Url {
        self.url
    }
}

fn host_and_port(url: &Url) -> Option<(Host<String>, u16)> {
    // A dot at the end names the same host.
    let host = match url.host()?.to_owned() {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_owned()),
        address => address,
    };
    Some((host, url.port_or_known_default()?))
}

fn ip(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    }
}

fn is_here(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(_) | Host::Ipv6(_) => {
            ip(host).is_some_and(|address| Place::of(address) == Place::Loopback)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(address: &str, reach: Reach) -> Option<OutgoingProblem> {
        let own = OwnAddress::of("https://accounts.example");
        Target::parse(address, reach, &own).err()
    }

    #[test]
    fn sf_04_only_https_and_no_user_name_wherever_requests_may_go() {
        for reach in [Reach::Public, Reach::Loopback, Reach::Private] {
            for address in [
                "http://app.example/",
                "http://10.0.0.1/",
                "ftp://app.example/",
                "gopher://app.example:70/1",
                "file:///etc/passwd",
                "unix:/run/app.sock",
                "data:text/plain,x",
                "ws://app.example/",
                "https://user@app.example/",
                "https://user:secret@app.example/",
                "https://:secret@app.example/",
                "https://app.example:0/",
                "https://",
                "//app.example/",
                "app.example",
                "",
            ] {
                assert_eq!(judged(address, reach), Some(OutgoingProblem::Address), "{address}");
            }
            assert_eq!(judged("https://app.example:8443/logout?a=b", reach), None);
        }
    }

    #[test]
    fn sf_01_an_address_in_figures_is_judged_however_it_is_written() {
        for address in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://0/",
            "https://[fe80::1]/",
        ] {
            assert_eq!(judged(address, Reach::Public), Some(OutgoingProblem::Inner), "{address}");
        }
        assert_eq!(judged("https://1.1.1.1/", Reach::Public), None);
        assert_eq!(judged("http://127.0.0.1:9/", Reach::Public), Some(OutgoingProblem::Address));
    }

    #[test]
    fn in_clear_only_this_machine_is_asked_and_only_where_that_is_set() {
        for address in ["http://127.0.0.1:9/", "http://[::1]/", "http://localhost/"] {
            assert_eq!(judged(address, Reach::Public), Some(OutgoingProblem::Address), "{address}");
            assert_eq!(judged(address, Reach::Loopback), None, "{address}");
            assert_eq!(judged(address, Reach::Private), None, "{address}");
        }
        assert_eq!(judged("https://10.0.0.1/", Reach::Loopback), Some(OutgoingProblem::Inner));
        assert_eq!(judged("https://10.0.0.1/", Reach::Private), None);
    }

    #[test]
    fn sf_08_this_service_does_not_ask_itself() {
        for address in [
            "https://accounts.example/logout",
            "https://ACCOUNTS.example:443/",
            "https://accounts.example./",
        ] {
            assert_eq!(judged(address, Reach::Public), Some(OutgoingProblem::Own), "{address}");
        }
        assert_eq!(judged("https://accounts.example:8443/", Reach::Public), None);
        let here = OwnAddress::of("http://127.0.0.1:8080");
        for address in ["http://localhost:8080/", "http://[::1]:8080/", "http://127.0.0.1:8080/x"] {
            let judged = Target::parse(address, Reach::Loopback, &here).err();
            assert_eq!(judged, Some(OutgoingProblem::Own), "{address}");
        }
        assert!(Target::parse("http://localhost:8081/", Reach::Loopback, &here).is_ok());
    }
}
