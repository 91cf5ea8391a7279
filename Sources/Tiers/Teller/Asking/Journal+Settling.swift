extension Journal {
    /// Finds what is pending, as ``ResumeSteps`` decides; until `body` ends no other teller settles that,
    /// but for what one had under way before.
    ///
    /// - Parameter body: gets the steps so far, and the lines that could not be read.
    func whileSettling<Value>(
        _ body: (ResumeSteps, [JournalDamage]) async throws -> Value
    ) async throws -> Value {
        var steps = ResumeSteps()
        var step = ResumeSteps.Step.read
        var damage: [JournalDamage] = []
        var locks: AttemptLocks?
        defer { locks?.release() }
        while true {
            switch step {
            case .read:
                let found = try await pending()
                damage = found.damage
                step = steps.found(found.writes)
            case .lock(let attempts):
                let taken = try await beforeSending { journal throws(JournalFailure) in
                    try await journal.lock(attempts)
                }
                locks = taken
                step = steps.locked(taken.held)
            case .settle, .ask, .note, .report, .end: return try await body(steps, damage)
            }
        }
    }
}
