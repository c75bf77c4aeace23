-- Gives jobs to a server: `JobStore::claim`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           server
-- ARGV[3]           token
-- ARGV[4]           at most so many
-- ARGV[5…]          queues in the order of service
-- Returns           the instant, then per execution: id, record, arguments that stand apart, crashes.
--                   A record of kind ready is the one before: the job is held from that instant on,
--                   under the epoch after its own

begin_work()
local suspects, held = 0, {}
for at, id in pairs(special) do
  local job = get(id)
  add(live, job.queue .. '\0' .. job.state, -1)
  if has(job, SUSPECT) then suspects = suspects + 1 end
  hold(job, server, claim, true)
  held[at] = job
end
write_all(suspects)
for at, job in pairs(held) do
  write_extra(job)
  if job.steps then
    spread('RPUSH', key.history .. job.id, job.steps)
    set(job, HISTORY)
  end
  local execution = {}
  push_execution(execution, job)
  call('SET', key.job .. job.id, execution[2])
  for i = 1, 4 do answer[at + i - 1] = execution[i] end
end
return answer
