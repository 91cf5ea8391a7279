extension Startup {
    /// What a server that takes nobody said last.
    struct Waiting {
        fileprivate var words = ""
        /// Of a server that shuts down.
        fileprivate var deadline: ContinuousClock.Instant?
    }

    /// Shows the server's words when they are new, so that a person knows what is waited for.
    ///
    /// - Returns: whether to wait on: for one that starts up or recovers, however long it takes; for
    ///   one that shuts down, a bounded time.
    func goesOn(_ waiting: inout Waiting, _ part: Part, says words: String) -> Bool {
        if words != waiting.words, !words.isEmpty {
            waiting.words = words
            report(.waiting(part, says: shown(words)))
        }
        guard waiting.words.range(ofText: "shutting down") != nil else {
            waiting.deadline = nil
            return true
        }
        let deadline = waiting.deadline ?? .now + options.readyTimeout
        waiting.deadline = deadline
        return .now < deadline
    }

    /// Without the password that somebody else's text may repeat.
    func shown(_ words: String) -> String { external?.scrub(words) ?? words }
}
