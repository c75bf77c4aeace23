-- Stores news of running executions: `JobStore::report`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2…]          per report: id, epoch, start delay or '', progress or '', number of lines, lines
--                   (packed: number of the line, level, text)
-- Returns           nothing

local LINES_KEPT = 10000

-- The epoch and the number of the line that was stored last.
local function last_line(job)
  if not job.last_line then
    local text = call('LINDEX', key.log .. job.id, -1)
    job.last_line = text and {read('>I6I4', text, 8)} or {0, 0}
  end
  return job.last_line
end

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
      local last = last_line(job)
      for i = 1, lines do
        local line = ARGV[at + 4 + i]
        local number = read('>I4', line)
        -- Else it is there already, from an earlier call.
        if epoch ~= last[1] or number > last[2] then
          later_call('RPUSH', key.log .. job.id, write('>I7I6', now, epoch) .. line)
          last[1], last[2] = epoch, number
        end
      end
      later_call('LTRIM', key.log .. job.id, -LINES_KEPT, -1)
    end
  end
  at = at + 5 + lines
end
if #order > 0 then flush() end
return 1
