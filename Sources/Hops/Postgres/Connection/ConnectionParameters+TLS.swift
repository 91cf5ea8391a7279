internal import Chain
internal import Foundation

/// Whether the other end is PostgreSQL itself: libpq's own default takes anybody, and what is not
/// encrypted.
extension ConnectionParameters {
    private static let strictest = "verify-full"

    /// Adds `sslmode=verify-full` where a host is elsewhere and nobody said another. A service's file may
    /// say one: then the choice is left to libpq.
    mutating func addTLS(from environment: (String) -> String?) {
        guard value("service") == nil, environment("PGSERVICE") == nil, hasHostElsewhere else {
            return
        }
        guard value("sslmode") == nil else { return }
        let said = environment("PGSSLMODE") ?? ""
        keywords.append(("sslmode", said.isEmpty ? Self.strictest : said))
    }

    /// The `sslmode`, where a host is elsewhere and somebody chose a weaker one.
    var weakerMode: String? {
        guard hasHostElsewhere, let mode = value("sslmode"), mode != Self.strictest else {
            return nil
        }
        return mode
    }

    /// An address counts before a name, as in libpq.
    private var hasHostElsewhere: Bool {
        let hosts = (value("hostaddr") ?? value("host") ?? "").unicodeScalars.split(separator: ",")
        return hosts.contains { host in
            // The name of an abstract socket begins with an @.
            host.first != "@" && !HostAndPort(host: String(host), port: 0).isOnThisMachine
        }
    }

    private func value(_ name: String) -> String? {
        keywords.first { $0.name == name && !$0.value.isEmpty }?.value
    }
}

extension PostgresConfiguration {
    /// The `sslmode` that somebody chose, where it lets another one pass for a PostgreSQL elsewhere; nil where
    /// its certificate is verified, and for one on this machine.
    ///
    /// - Throws: `.configuration`.
    public var weakerSSLMode: String? {
        get throws(PostgresError) { try ConnectionParameters(self).weakerMode }
    }
}
