import Chain

/// This client's state folder, by the XDG Base Directory Specification.
enum StateFolder {
    /// - Returns: `nil` when there is neither `XDG_STATE_HOME` nor `HOME`.
    static func path(of file: String) -> String? {
        func folder(_ variable: String) -> String? {
            Environment.value(variable).flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
        }
        let state = folder("XDG_STATE_HOME") ?? folder("HOME").map { "\($0)/.local/state" }
        return state.map { "\($0)/teller/\(file)" }
    }
}
