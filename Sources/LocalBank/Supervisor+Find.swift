extension Supervisor {
    /// Those of the list that run, whether somebody noted them or not.
    ///
    /// An `up` that is killed between starting a process and noting its number leaves one that only
    /// its mark tells. It leads a session, as each server does, and is of a user that a bank's processes
    /// run as, so that nobody else can pass for one.
    func running() async throws -> [BankState.Process] {
        let listed = try await ListedProcess.all().filter { SystemUser.mayBeOfBank($0.user) }
        return list.flatMap { process in
            let marked = listed.filter { process.mark.isOn($0) }
            // A child has its parent's arguments until it has set its own.
            let own = marked.filter { child in !marked.contains { $0.pid == child.parent } }
                .compactMap { ProcessIdentity(pid: $0.pid) }.filter(\.leadsItsSession)
            return (own.isEmpty ? [process.inPidFile()].compactMap(\.self) : own).map {
                BankState.Process(
                    part: process.part, identity: $0, logPath: home.logFile(of: process.part),
                    startedAtSeconds: $0.startedAtSeconds)
            }
        }
    }

    /// Asks it how it is, for 5 s at most.
    ///
    /// - Throws: `LocalBankError`; `CancellationError`.
    func status(of process: ProcessDescription) async throws -> ProcessStatus {
        let known = state[process.part]
        var (result, uptime) = (ProcessStatus.State.dead, Duration?.none)
        var (address, reason) = (known?.address, String?.none)
        if let known, known.identity.isAlive {
            result = .notReady
            uptime = .seconds(max(0, Host.unixTimeSeconds - known.startedAtSeconds))
            switch try await process.readiness(known) {
            case .ready(let said): (result, address) = (.ready, said)
            case .refuses(let words), .notYet(let words): reason = words
            }
        }
        return ProcessStatus(
            part: process.part, pid: known?.identity.pid, address: address, state: result,
            reason: reason, uptime: uptime,
            logPath: known?.logPath ?? home.logFile(of: process.part))
    }
}

extension ProcessDescription.Mark {
    fileprivate func isOn(_ process: ListedProcess) -> Bool {
        guard let other = process.argument(after: flag) else { return false }
        return [path, earlierPath].compactMap(\.self).contains { own in
            other == own
                || Host.name(of: other) == Host.name(of: own)
                    && Host.resolved(Host.parent(of: other)).map {
                        $0 == Host.resolved(Host.parent(of: own))
                    } == true
        }
    }
}

extension ProcessDescription {
    /// A file that was left behind can name any process, so it has to be one whose current folder is the
    /// file's, or, where the system does not tell that, one that started when the file says: PostgreSQL's
    /// third line.
    fileprivate func inPidFile() -> ProcessIdentity? {
        guard let pidFile, let text = Files.text(of: pidFile, limit: 4096) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let line = lines.first, let pid = Int32(String(line).trimmed) else { return nil }
        #if os(Linux)
        guard let folder = Host.resolved("/proc/\(pid)/cwd"),
            folder == Host.resolved(Host.parent(of: pidFile))
        else { return nil }
        #else
        guard lines.count > 2, let start = Int(String(lines[2]).trimmed),
            let identity = ProcessIdentity(pid: pid),
            abs(identity.startedAtSeconds - start) <= 5
        else { return nil }
        #endif
        return ProcessIdentity(pid: pid)
    }
}
