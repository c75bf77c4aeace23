-- Takes back what dead servers held: `JobStore::reclaim`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           the calling server
-- ARGV[3]           crashes that make poison; 0: never
-- ARGV[4…]          dead servers
-- Returns           {how many were requeued, poisoned executions as in claim.lua}

local by, limit = ARGV[2], tonumber(ARGV[3])
begin_work()
local is_announced = call('EXISTS', key.server .. by) == 1
local requeued, poisoned, claim = 0, {}, nil
local struck = {}
for i = 4, #ARGV do
  local server = ARGV[i]
  if not struck[server] and call('EXISTS', key.server .. server) == 1 then
    struck[server] = true
    news.servers[server] = true
    for _, job in ipairs(held_by(server)) do
      leave(job)
      local x = extra(job)
      local crashes = tonumber(x.c) or 0
      if has(job, SUSPECT) then
        crashes = crashes + 1
        x.c = tostring(crashes)
      end
      local poison = has(job, SUSPECT) and limit > 0 and crashes >= limit
      set(job, SUSPECT)
      if poison and is_announced and by ~= server and not struck[by] then
        claim = claim or step()
        hold(job, by, claim, false)
        poisoned[#poisoned + 1] = job
      else
        job.epoch = job.epoch + 1
        arrive(job, enqueued(RECLAIMED))
        requeued = requeued + 1
      end
    end
    strike(server)
  end
end
flush()
local answer = {requeued}
local executions = {}
for _, job in ipairs(poisoned) do push_execution(executions, job) end
answer[2] = executions
return answer
