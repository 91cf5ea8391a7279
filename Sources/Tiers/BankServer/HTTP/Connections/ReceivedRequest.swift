import BankAPI
import Chain
import HTTPFront
import NIOHTTP1

/// A request of hop 1 as it arrived.
struct ReceivedRequest: Sendable {
    let head: HTTPRequestHead
    let terms: RequestTerms
    var body: [UInt8] = []
    /// Of the memory for all bodies, as long as this one is there.
    var memory: MemoryBudget.Reservation?
    /// Of whoever sent it.
    var departure: Departure?
    /// Whether all of it was read.
    var isComplete = false
    /// Why it gets no other answer: what its head asks for, or what became of its body.
    var problem: Problem?
}
