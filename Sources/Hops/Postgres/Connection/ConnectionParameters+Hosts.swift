/// The hosts that libpq tries in turn.
extension ConnectionParameters {
    private static let perHost = ["host", "hostaddr", "port"]

    /// Takes the hosts from where libpq would, to know what it fails over to. A service's file comes
    /// before the environment: then the choice is left to libpq.
    mutating func addHosts(from environment: (String) -> String?) {
        guard list("service") == nil, environment("PGSERVICE") == nil else { return }
        for name in Self.perHost where list(name) == nil {
            guard let value = environment("PG" + name.uppercased()) else { continue }
            keywords.append((name, value))
        }
    }

    /// The same with hosts that no connection can be made to, not even a try that goes out.
    var withoutHosts: ConnectionParameters {
        var copy = self
        copy.keywords.removeAll { $0.name == "host" || $0.name == "hostaddr" }
        let hosts = Array(repeating: Self.noDirectory, count: hostCount)
        copy.keywords.append(("host", hosts.joined(separator: ",")))
        return copy
    }

    /// No directory, so that no socket can be in it.
    static let noDirectory = "/dev/null"

    private func list(_ name: String) -> [String]? {
        // To libpq an empty value is as good as none.
        keywords.first { $0.name == name && !$0.value.isEmpty }.map { Self.parts($0.value) }
    }

    /// Byte for byte, as libpq does.
    private static func parts(_ value: String) -> [String] {
        value.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0) }
    }

    var hostCount: Int {
        max(list("host")?.count ?? 1, list("hostaddr")?.count ?? 1)
    }

    /// The same without the first hosts.
    func droppingHosts(_ count: Int) -> ConnectionParameters {
        var copy = self
        for (index, keyword) in keywords.enumerated() where Self.perHost.contains(keyword.name) {
            let values = Self.parts(keyword.value)
            // One port may stand for all hosts.
            guard values.count > 1 else { continue }
            copy.keywords[index].value = values.dropFirst(count).joined(separator: ",")
        }
        return copy
    }

    /// The position of a host as libpq names it, with its port.
    func hostIndex(host: String, port: String) -> Int? {
        let hosts = list("host") ?? list("hostaddr") ?? []
        let ports = list("port") ?? []
        return hosts.indices.first { index in
            let itsPort = ports.count > 1 ? ports[index] : ports.first ?? ""
            return hosts[index] == host && (itsPort.isEmpty || itsPort == port)
        }
    }
}
