-- Gives executions back: `JobStore::release`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2…]          per execution: id, epoch, reason (0 unstarted, 1 shutdown, 2 no handler)
-- Returns           how many were given back

begin_work()
local given_back = 0
for i = 2, #ARGV, 3 do
  local job, epoch, reason = get(ARGV[i]), tonumber(ARGV[i + 1]), ARGV[i + 2]
  if job and job.kind == RUNNING and job.epoch == epoch then
    -- What was never claimed from a queue, as poison is, has no old place to return to.
    if reason == '1' or not has(job, WAITED) then
      requeue(job, SHUTDOWN)
    else
      undo_claim(job, reason == '2')
    end
    given_back = given_back + 1
  elseif job then
    clear_stopping(job, epoch)
  end
end
if #order > 0 then flush() end
return given_back
