extension PostingRun {
    typealias HeldUp = (index: Int, names: [KeptLocked.Name])

    /// Takes note of what came of groups that were posted without waiting.
    mutating func finish(_ tried: [Int], _ results: [FreePosting]) {
        isLooking = false
        var heldUp: [HeldUp] = []
        for (index, result) in zip(tried, results) {
            switch result {
            case .outcomes(let outcomes):
                settle(index, .outcomes(outcomes))
                keptLocked.forget(groups[index])
            case .late: settle(index, .deadlineExceeded)
            case .locked(let names): heldUp.append((index, names))
            }
        }
        // All deposits of a currency want its cash account, and somebody has it locked whenever one looks.
        // Only when no other is locked is it the one that was waited for in vain.
        let isOnlyCash = heldUp.allSatisfy { $0.names.allSatisfy(\.isCash) }
        settleBusy(
            heldUp.filter { index, names in
                isOnlyCash || apart.contains(index) || !names.allSatisfy(\.isCash)
            })
    }

    /// Who was known to want a locked account is told at once. Who was not may have met somebody who has
    /// it for a moment only, and is told when it was looked for a few times.
    mutating func settleBusy(_ heldUp: [HeldUp]) {
        let places = Set(heldUp.map(\.index)).union(apart)
        apart = groups.places { _, place in places.contains(place) }
        looks += 1
        guard !hasWaited || looks >= Self.mostLooks else { return }
        for (index, names) in heldUp {
            settle(index, notDone(.busy))
            // Only after a wait: else who never waits would keep finding an account that is in much use.
            if hasWaited { keptLocked.remember(names) }
        }
    }

    /// Longer each time; not before the first look.
    func pauseBeforeLook() async {
        guard looks > 0 else { return }
        try? await Task.sleep(for: .milliseconds(10) * (1 << looks) * Double.random(in: 0.5...1))
    }
}

extension KeptLocked.Name {
    fileprivate var isCash: Bool { if case .cash = self { true } else { false } }
}
