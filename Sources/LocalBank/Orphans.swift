#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension BankHome {
    /// The tiers of this home that run, whether somebody noted them or not.
    ///
    /// An `up` that is killed between starting a process and noting its number leaves one that only
    /// its arguments tell: the ready file, which no other process has. It leads a session, as each
    /// tier does, and is of a user that tiers run as, so that nobody else can pass for one.
    func runningTiers() async throws -> [BankState.Process] {
        var found: [BankState.Process] = []
        for (pid, path) in try await Self.readyFiles() {
            guard let part = part(ofReadyFile: path), let identity = ProcessIdentity(pid: pid),
                getsid(pid) == pid
            else { continue }
            found.append(
                BankState.Process(
                    part: part, identity: identity, address: TierProcess.address(inReadyFile: path),
                    logPath: logFile(of: part), startedAtSeconds: identity.startedAtSeconds))
        }
        return found
    }

    /// The part whose ready file it is, if it is one of this home's.
    private func part(ofReadyFile path: String) -> Part? {
        guard let part = Part(readyFileName: Self.name(of: path)) else { return nil }
        let folder = Host.parent(of: path)
        // In run/ itself they were before there was run/tiers.
        let isOwn = [tierFolder, runFolder].contains { own in
            folder == own || Host.resolved(folder).map { $0 == Host.resolved(own) } == true
        }
        return isOwn ? part : nil
    }

    private static let flag = "--ready-file"

    #if canImport(Darwin)
    private static func readyFiles() async throws -> [(pid: Int32, path: String)] {
        let outcome = try await Command(
            executable: "/bin/ps", arguments: ["-axww", "-o", "pid=,uid=,args="],
            timeout: .seconds(10)
        ).run()
        return outcome.output.unicodeScalars.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 2, let pid = Int32(String(words[0])),
                let user = uid_t(String(words[1])), SystemUser.mayBeTier(user),
                let flag = String(line).range(ofText: " \(flag) ")
            else { return nil }
            return (pid, String(String(line)[flag.upperBound...]))
        }
    }
    #else
    private static func readyFiles() async throws -> [(pid: Int32, path: String)] {
        Files.names(in: "/proc").compactMap(Int32.init).compactMap { pid in
            guard let bytes = Files.read("/proc/\(pid)/cmdline") else { return nil }
            let words = bytes.split(separator: 0)
            guard let index = words.firstIndex(where: { $0.elementsEqual(flag.utf8) }),
                index + 1 < words.count, let user = user(of: pid), SystemUser.mayBeTier(user)
            else { return nil }
            return (pid, String(decoding: words[index + 1], as: UTF8.self))
        }
    }

    /// The real user: of /proc's folder itself it would be root, for a process that changed its user.
    private static func user(of pid: Int32) -> uid_t? {
        let lines = Files.readText("/proc/\(pid)/status")?.unicodeScalars.split(separator: "\n")
        let line = lines?.first { $0.starts(with: "Uid:".unicodeScalars) }
        return line.flatMap { $0.split(separator: "\t").dropFirst().first }
            .flatMap { uid_t(String($0)) }
    }
    #endif
}

extension Part {
    fileprivate init?(readyFileName name: String) {
        let copies = (1...UpOptions.copyLimit).map { Part(.balanceService, copy: $0) }
        guard
            let part = (copies + [Part(.bankServer)])
                .first(where: { BankHome.readyFileName(of: $0) == name })
        else { return nil }
        self = part
    }
}

extension LocalBank {
    /// What runs of this bank, with what an `up` that was killed had not noted.
    ///
    /// - Returns: the state, nil when there is none; and the tiers that it does not name.
    func found() async throws -> (state: BankState?, orphans: [BankState.Process]) {
        var state = try BankState.load(home)
        let known = state?.processes.map(\.identity) ?? []
        var orphans = try await home.runningTiers().filter { !known.contains($0.identity) }
        if var taken = state {
            orphans.removeAll { orphan in
                guard taken.parts.contains(orphan.part),
                    taken[orphan.part]?.identity.isAlive != true
                else { return false }
                taken[orphan.part] = orphan
                return true
            }
            state = taken
        }
        return (state, orphans)
    }
}
