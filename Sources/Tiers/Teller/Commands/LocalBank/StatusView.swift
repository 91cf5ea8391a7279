import LocalBank

/// The processes of a local bank as a table or as JSON.
struct StatusView: View {
    var processes: [ProcessStatus]

    func lines(on terminal: Terminal) -> [String] {
        guard !processes.isEmpty else { return [] }
        var table = TextTable(columns: [
            .init(title: "PROCESS"), .init(title: "PID", isRightAligned: true),
            .init(title: "STATE"), .init(title: "UPTIME", isRightAligned: true),
            .init(title: "ADDRESS"),
        ])
        for process in processes {
            table.append(
                [
                    process.part.description, process.pid.map { "\($0)" } ?? "",
                    process.state.rawValue, process.uptime.map(Self.text(uptime:)) ?? "",
                    process.address ?? "",
                ], ink: process.state == .ready ? nil : .red)
        }
        return table.lines(width: nil, style: terminal.style)
    }

    /// It is known to the second.
    private static func text(uptime: Duration) -> String {
        let seconds = uptime.components.seconds
        return seconds < 10 ? "\(seconds) s" : uptime.brief
    }

    func json() throws(TellerError) -> String {
        try JSONText.array(
            processes.map { process in
                StatusDocument(
                    tier: process.part.tier.rawValue, copy: process.part.copy, pid: process.pid,
                    address: process.address,
                    state: process.state.rawValue.replacing(" ", with: "_"),
                    reason: process.reason, uptimeSeconds: process.uptime?.components.seconds,
                    log: process.logPath)
            })
    }

    /// Why this is not a bank that is up, if it is not.
    var failure: TellerError? {
        guard !processes.isEmpty else {
            return TellerError(
                .unavailable, "no bank is up on this machine", advice: "start one with 'teller up'")
        }
        let others = processes.filter { $0.state != .ready }.map { process in
            "\(process.part) \(process.reason ?? "is not ready")"
        }
        guard !others.isEmpty else { return nil }
        return TellerError(
            .unavailable, others.joined(separator: "; "),
            advice: "see 'teller logs'; 'teller up' starts again what is dead")
    }
}

private struct StatusDocument: Encodable {
    var tier: String
    var copy: Int
    var pid: Int32?
    var address: String?
    var state: String
    var reason: String?
    var uptimeSeconds: Int64?
    var log: String

    enum CodingKeys: String, CodingKey {
        case tier, copy, pid, address, state, reason, log
        case uptimeSeconds = "uptime_seconds"
    }
}
