#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A process that cannot be mistaken for a later one with its number.
struct ProcessIdentity: Codable, Sendable, Equatable {
    var pid: Int32
    /// Linux: clock ticks since the boot, proc_pid_stat(5). macOS: microseconds since 1970.
    var startTime: UInt64
    /// Linux: ticks start again with each boot, so which boot it was. Empty on macOS.
    var bootID: String

    /// The process that has this number now, unless it is only waiting to be reaped.
    init?(pid: Int32) {
        guard pid > 0, let startTime = Self.startTime(of: pid) else { return nil }
        self.init(pid: pid, startTime: startTime, bootID: Self.currentBoot())
    }

    init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }

    var isAlive: Bool {
        // One that this process started stays a zombie until it is waited for.
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == pid { return false }
        return ProcessIdentity(pid: pid) == self
    }

    /// Seconds since 1970, of one that is alive.
    var startedAtSeconds: Int {
        #if canImport(Darwin)
        return Int(startTime / 1_000_000)
        #else
        let uptime = Files.readText("/proc/uptime", limit: 64).flatMap {
            Double($0.prefix { $0 != " " })
        }
        let age = (uptime ?? 0) - Double(startTime) / Double(sysconf(Int32(_SC_CLK_TCK)))
        return Host.unixTimeSeconds - Int(max(0, age))
        #endif
    }

    /// Sends a signal, only if the process is still the one that was meant.
    ///
    /// - Parameter toGroup: also to the processes that it started. A tier leads its own group.
    func signal(_ number: Int32, toGroup: Bool = false) {
        guard isAlive else { return }
        kill(toGroup ? -pid : pid, number)
    }

    #if canImport(Darwin)
    private static func currentBoot() -> String { "" }

    private static func startTime(of pid: Int32) -> UInt64? {
        var request = [CTL_KERN, KERN_PROC, KERN_PROC_PID, pid]
        var info = kinfo_proc()
        var size = MemoryLayout<kinfo_proc>.stride
        guard sysctl(&request, UInt32(request.count), &info, &size, nil, 0) == 0, size > 0,
            Int32(info.kp_proc.p_stat) != SZOMB
        else { return nil }
        let start = info.kp_proc.p_un.__p_starttime
        return UInt64(start.tv_sec) * 1_000_000 + UInt64(start.tv_usec)
    }
    #else
    private static func currentBoot() -> String {
        (Files.readText("/proc/sys/kernel/random/boot_id", limit: 64) ?? "")
            .filter { !$0.isWhitespace }
    }

    private static func startTime(of pid: Int32) -> UInt64? {
        guard let text = Files.readText("/proc/\(pid)/stat", limit: 4096),
            // The second field is the command's name in brackets, which may hold anything.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // Counting from the third field: state is the first, starttime (22) the twentieth.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
    #endif
}
