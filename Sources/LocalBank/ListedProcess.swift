#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A process as the system lists it.
struct ListedProcess {
    let pid: Int32
    let parent: Int32
    /// The real user.
    let user: uid_t
    fileprivate let words: [String]

    #if canImport(Darwin)
    static func all() async throws -> [ListedProcess] {
        let ps = Command(program: "/bin/ps", arguments: ["-axww", "-o", "pid=,ppid=,uid=,args="])
        let outcome = try await ps.run(within: .seconds(10))
        return outcome.output.unicodeScalars.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 3, let pid = Int32(String(words[0])),
                let parent = Int32(String(words[1])), let user = uid_t(String(words[2]))
            else { return nil }
            return ListedProcess(pid: pid, parent: parent, user: user, words: [String(line)])
        }
    }

    /// What follows this argument: all of it, for ps(1) does not say where an argument ends.
    func argument(after flag: String) -> String? { words[0].after(" \(flag) ").map { String($0) } }
    #else
    static func all() async throws -> [ListedProcess] {
        Files.names(in: "/proc").compactMap(Int32.init).compactMap { pid in
            guard let bytes = Files.bytes(of: "/proc/\(pid)/cmdline"), !bytes.isEmpty,
                let status = Files.text(of: "/proc/\(pid)/status"),
                let parent = number("PPid", in: status), let user = number("Uid", in: status)
            else { return nil }
            let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return ListedProcess(
                pid: pid, parent: Int32(parent), user: uid_t(user), words: words)
        }
    }

    private static func number(_ name: String, in status: String) -> Int? {
        status.after("\n\(name):\t").flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// What follows this argument.
    func argument(after flag: String) -> String? {
        guard let index = words.firstIndex(of: flag), index + 1 < words.count else { return nil }
        return words[index + 1]
    }
    #endif
}
