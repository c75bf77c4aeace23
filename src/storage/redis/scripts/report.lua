-- Stores news of running executions: `JobStore::report`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2…]          per report: id, epoch, start delay or '', progress or '', number of lines, lines
--                   (level in a byte, text)
-- Returns           nothing

local LINES_KEPT = 10000

begin_work()
local at = 2
while at <= #ARGV do
  local job, epoch, delay, progress = get(ARGV[at]), tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  local lines = tonumber(ARGV[at + 4])
  if job and job.kind == RUNNING and job.epoch == epoch then
    touch(job)
    if delay ~= '' then job.delay = tonumber(delay) + 1 end
    if progress ~= '' then extra(job).g = progress end
    if lines > 0 then
      set(job, LOG)
      local entries = {}
      for i = 1, lines do entries[i] = number_bytes(now) .. ARGV[at + 4 + i] end
      job.lines = (job.lines or 0) + lines
      local kept = call('LLEN', key.log .. job.id) + job.lines
      for _, entry in ipairs(entries) do later_call('RPUSH', key.log .. job.id, entry) end
      if kept > LINES_KEPT then
        local x = extra(job)
        x.y = tostring((tonumber(x.y) or 0) + kept - LINES_KEPT)
        job.lines = job.lines - (kept - LINES_KEPT)
        later_call('LTRIM', key.log .. job.id, kept - LINES_KEPT, -1)
      end
    end
  end
  at = at + 5 + lines
end
if #order > 0 then flush() end
return 1
