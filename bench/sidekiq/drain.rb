# frozen_string_literal: true

# How many no-op jobs a second Sidekiq drains in one process at concurrency 1, 10 and 50. It keeps
# no finished jobs, and loses those in hand when it crashes.
#
#   ruby drain.rb REDIS [JOBS]     REDIS: the path of a socket, or redis://host:port
#
# In database 15, which must be empty and is empty afterwards. Prints one JSON object; the best
# concurrency counts.

require "json"
require "sidekiq"
require "sidekiq/cli" # makes this process a server
require "sidekiq/launcher"

server, count = ARGV
abort "usage: ruby drain.rb REDIS [JOBS]" unless server
JOBS = Integer(count || 100_000)
BULK_SIZE = 1000

PLACE = (server.start_with?("/") ? { path: server } : { url: server }).merge(db: 15).freeze

# A newer client library would print a warning at each of the calls of an older Sidekiq.
Redis.silence_deprecations = true if Redis.respond_to?(:silence_deprecations=)
Sidekiq.logger.level = Logger::ERROR

# Counts runs, and tells when all are over.
class Tally
  attr_reader :all_have_run

  def initialize(jobs)
    @left = jobs
    @lock = Mutex.new
    @all_have_run = Thread::Queue.new
  end

  def count
    @lock.synchronize do
      @left -= 1
      @all_have_run << true if @left.zero?
    end
  end
end

class NoOp
  include Sidekiq::Worker
  sidekiq_options queue: "portfire_bench", retry: 10

  class << self
    attr_accessor :tally
  end

  def perform(_number, _time, _text)
    NoOp.tally.count
  end
end

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

def enqueue
  arguments = [12_345, 0, "x" * 32]
  start = now
  0.step(JOBS - 1, BULK_SIZE) do |done|
    number = [BULK_SIZE, JOBS - done].min
    Sidekiq::Client.push_bulk("class" => NoOp, "args" => Array.new(number) { arguments })
  end
  JOBS / (now - start)
end

# From the start of the workers until the last job has run: nothing is stored of it then.
def drain
  NoOp.tally = Tally.new(JOBS)
  launcher = Sidekiq::Launcher.new(Sidekiq.options.merge(queues: ["portfire_bench"]))
  start = now
  launcher.run
  NoOp.tally.all_have_run.pop
  seconds = now - start
  launcher.stop
  JOBS / seconds
end

# In a process of its own, because a launcher leaves a thread behind that beats for ever.
def measure(concurrency)
  reader, writer = IO.pipe
  child = fork do
    Sidekiq.options[:concurrency] = concurrency # which also sizes the pool of connections
    Sidekiq.redis = PLACE
    writer.puts(JSON.generate([enqueue, drain]))
    writer.close
    exit!
  end
  writer.close
  rates = reader.read
  Process.wait(child)
  abort "the process with concurrency #{concurrency} has failed" if rates.empty?
  JSON.parse(rates)
end

database = Redis.new(PLACE)
abort "database 15 is not empty; name a server that nobody uses" unless database.dbsize.zero?
begin
  bulk = []
  by_concurrency = {}
  [1, 10, 50].each do |concurrency|
    enqueued, drained = measure(concurrency)
    bulk << enqueued
    by_concurrency[concurrency] = drained.round
    database.flushdb
  end
  puts JSON.generate(
    jobs: JOBS,
    bulk_enqueue_per_s: bulk.max.round,
    drain_per_s: by_concurrency.values.max,
    drain_by_concurrency_per_s: by_concurrency
  )
ensure
  database.flushdb
end
