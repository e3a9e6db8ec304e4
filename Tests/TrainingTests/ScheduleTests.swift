import Testing
import Training

@Suite struct ScheduleTests {
    /// Values of torch.optim.lr_scheduler.OneCycleLR(max_lr=0.006, total_steps=100, pct_start=0.05,
    /// anneal_strategy="cos", div_factor=10, final_div_factor=1000).
    @Test(arguments: [
        (0, 0.0006), (2, 0.0033), (4, 0.006), (5, 0.005998359), (50, 0.003149036),
        (98, 0.000002240), (99, 0.0000006),
    ])
    func oneCycleFollowsPyTorch(step: Int, rate: Double) {
        let cycle = OneCycle(peak: 0.006, steps: 100)
        #expect(abs(cycle.rate(at: step) - rate) < 2e-9)
    }

    @Test func passUsesEverySampleOnce() {
        let order = DataOrder(samples: 10, batch: 3, seed: 5)
        let drawn = (0..<10).flatMap { order.samples(at: $0) }
        for pass in 0..<3 {
            #expect(Set(drawn[(pass * 10)..<(pass * 10 + 10)]) == Set(0..<10))
        }
        #expect(Array(drawn[0..<10]) != Array(drawn[10..<20]), "each pass has an order of its own")
        #expect(order.samples(at: 7) == DataOrder(samples: 10, batch: 3, seed: 5).samples(at: 7))
    }

    @Test func batchLargerThanTheDataContinuesInTheNextPass() {
        let drawn = DataOrder(samples: 3, batch: 7, seed: 1).samples(at: 0)
        #expect(drawn.count == 7)
        #expect(Set(drawn[0..<3]) == Set(0..<3) && Set(drawn[3..<6]) == Set(0..<3))
    }
}
