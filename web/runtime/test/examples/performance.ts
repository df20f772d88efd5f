// Measures connections.
import { PerformanceTestSuite, STANDARD_PERFORMANCE_TESTS, StreamEngine, type PerformanceTest } from '@weir/runtime'

const streamEngine = new StreamEngine()
const testSuite = new PerformanceTestSuite(streamEngine)

const results = await testSuite.runTestSuite(STANDARD_PERFORMANCE_TESTS)
console.log(results.length, 'standard tests')

const customTest: PerformanceTest = {
  name: 'Custom High Load Test',
  duration: 1000, // milliseconds
  messageRate: 2000, // messages a second, over all connections
  messageSize: 1000, // bytes
  concurrentConnections: 10,
  dataPattern: 'random' // or sequential, sine-wave, step
}
const result = await testSuite.runTest(customTest)
console.log(result.sent, 'sent,', result.received + result.dropped, 'accounted for')
console.log(testSuite.generateReport())
