extension Posting {
    /// Does all that the group asks or, when one of its requests is refused, nothing.
    ///
    /// Of a refused group the request that was refused first keeps its own refusal, those that were
    /// recorded before keep their outcome, and all others are refused as linked to it.
    ///
    /// - Parameter group: One request; or several that are linked.
    /// - Returns: An outcome for each, in order.
    public mutating func apply(_ group: [TransferRequest]) -> [TransferOutcome] {
        state.beginGroup()
        var outcomes: [TransferOutcome] = []
        outcomes.reserveCapacity(group.count)
        for (index, request) in group.enumerated() {
            let outcome = outcome(of: request)
            if case .refused(let refusal) = outcome, group.count > 1 {
                state.rollBack()
                return shown(refuse(group, refusal, at: index), to: group)
            }
            outcomes.append(outcome)
        }
        return shown(outcomes, to: group)
    }

    /// What a group came to before.
    ///
    /// - Returns: An outcome for each, in order; nil when one of them was not asked yet.
    public func known(_ group: [TransferRequest]) -> [TransferOutcome]? {
        let known = group.compactMap { knownOutcome(of: $0) }
        return known.count == group.count ? shown(known, to: group) : nil
    }

    private mutating func outcome(of request: TransferRequest) -> TransferOutcome {
        if let known = knownOutcome(of: request) { return known }
        do throws(Refusal) {
            let record = try carryOut(request)
            state.add(record)
            return .done(record)
        } catch {
            return refuse(request, error)
        }
    }

    /// What a request came to before; nil when its id is new.
    private func knownOutcome(of request: TransferRequest) -> TransferOutcome? {
        guard !usedOtherwise.contains(request.id) else { return .refused(.idUsedWithOtherContent) }
        guard let record = state.record(request.id) else {
            return request.id.isReserved ? .refused(.idInvalid) : nil
        }
        var whole: Money?
        if case .post(let hold, _) = request.action {
            whole = state.hold(hold).map { state.holds[$0].amount }
        }
        guard request.hasContent(of: record, wholeHold: whole), mayRepeat(request, record) else {
            return .refused(.idUsedWithOtherContent)
        }
        return record.outcome
    }

    private mutating func refuse(
        _ group: [TransferRequest], _ refusal: Refusal, at culprit: Int
    ) -> [TransferOutcome] {
        var outcomes: [TransferOutcome] = []
        outcomes.reserveCapacity(group.count)
        for (index, request) in group.enumerated() {
            outcomes.append(
                knownOutcome(of: request)
                    ?? refuse(request, index == culprit ? refusal : .linkedRefused))
        }
        return outcomes
    }

    private mutating func refuse(
        _ request: TransferRequest, _ refusal: Refusal
    ) -> TransferOutcome {
        var record = request.asked(at: now)
        record.refusal = refusal
        state.add(record)
        return .refused(refusal)
    }
}
